"""Whether estimates are unbiased, tests keep their size, and intervals cover."""

import numpy as np
import pytest

from psychometrics import bootstrap_loadings, explore, simulate
from tests.golden.alignment import aligned

LOADINGS, PHI = simulate.simple_structure(2, 5, loading=0.7, correlation=0.3)
CUTS = (-1.5, -0.7, 0.0, 0.8)


def study(rng, n_persons, thresholds=None):
    return simulate.responses(
        n_persons, rng=rng, loadings=LOADINGS, factor_corr=PHI, thresholds=thresholds
    ).responses


def estimates(replications, n_persons, corr, thresholds, seed):
    rng = np.random.default_rng(seed)
    for _ in range(replications):
        data = study(rng, n_persons, thresholds)
        found = explore(data, 2, corr=corr, extraction="ml", starts=4)
        turned = aligned(found.loadings, LOADINGS, found.factor_corr)
        yield *turned, found.fit.p


def check_recovery(replications, corr, thresholds):
    """Relative bias under 5 %, or within four Monte Carlo standard errors of none."""
    drawn = estimates(replications, 600, corr, thresholds, seed=11)
    patterns, phis, p = (np.array(part) for part in zip(*drawn))
    salient = LOADINGS.to_numpy() > 0
    error = patterns.std(axis=0)[salient].max() / np.sqrt(replications)
    bias = abs(patterns.mean(axis=0)[salient] - 0.7)
    assert (bias < max(0.05 * 0.7, 4 * error)).all()
    assert abs(patterns.mean(axis=0)[~salient]).max() < 0.02 + 4 * error
    spread = phis[:, 0, 1].std() / np.sqrt(replications)
    assert abs(phis[:, 0, 1].mean() - 0.3) < 0.03 + 4 * spread
    return p


@pytest.mark.parametrize("corr, thresholds", [("pearson", None), ("polychoric", CUTS)])
def test_loadings_are_recovered(corr, thresholds):
    check_recovery(30, corr, thresholds)


@pytest.mark.slow
def test_chi_square_of_ml_keeps_its_size():
    p = check_recovery(1000, "pearson", None)
    assert 0.025 < (p < 0.05).mean() < 0.075


def coverage(replications, n_boot, corr, thresholds):
    rng = np.random.default_rng(5)
    inside = []
    for k in range(replications):
        data = study(rng, 400, thresholds)
        found = bootstrap_loadings(data, 2, corr=corr, n_replications=n_boot, rng=k)
        table = found.intervals[["low", "high"]].to_numpy().reshape(10, 2, 2)
        low, high = (
            aligned(found.solution.loadings, LOADINGS, table[:, :, side])[1]
            for side in (0, 1)
        )
        low, high = np.minimum(low, high), np.maximum(low, high)
        inside.append((low <= LOADINGS) & (LOADINGS <= high))
    return np.mean(inside)


def test_bootstrap_intervals_cover_most_truths():
    assert coverage(8, 60, "polychoric", CUTS) > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("corr, thresholds", [("pearson", None), ("polychoric", CUTS)])
def test_bootstrap_intervals_cover_at_their_level(corr, thresholds):
    assert 0.91 < coverage(120, 300, corr, thresholds) < 0.98
