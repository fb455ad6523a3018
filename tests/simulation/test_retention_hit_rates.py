"""How often two rules find six factors: the published-style table of hit rates.

Six factors, five categories cut at (-1.5, -.7, 0, .8), loadings .7, Pearson
correlations, eigenvalues of components. Rates of 200 replications each, by items a
factor, persons and factor correlation; found once for this project by other code.
"""

import numpy as np
import pytest

from psychometrics import empirical_kaiser, parallel_analysis, simulate
from psychometrics.factor.factor_count import leading

CUTS = (-1.5, -0.7, 0.0, 0.8)
CORRELATIONS = (0.3, 0.5, 0.7, 0.85)
PARALLEL = {
    (3, 250): (0.78, 0.0, 0.0, 0.0),
    (5, 250): (1.0, 0.64, 0.0, 0.0),
    (5, 500): (1.0, 1.0, 0.0, 0.0),
    (5, 1000): (1.0, 1.0, 0.04, 0.0),
}
KAISER = {
    (3, 250): (1.0, 0.70, 0.0, 0.0),
    (5, 250): (0.99, 1.0, 0.88, 0.0),
    (5, 500): (1.0, 1.0, 0.98, 0.0),
    (5, 1000): (1.0, 1.0, 1.0, 0.0),
}
STATED_FROM = 200


def hit_rates(items, n_persons, correlation, replications, seed):
    """Return the share of replications in which each rule finds six."""
    loadings, phi = simulate.simple_structure(6, items, correlation=correlation)
    rng = np.random.default_rng(seed)
    reference, hits = None, []
    for _ in range(replications):
        data = simulate.responses(
            n_persons, rng=rng, loadings=loadings, factor_corr=phi, thresholds=CUTS
        ).responses
        if reference is None:  # normal random data depend on the sizes alone
            found = parallel_analysis(
                data, corr="pearson", method="normal", n_replications=500
            )
            reference = found.curve["components_percentile"]
        kaiser = empirical_kaiser(data)
        parallel = leading(kaiser.curve["eigenvalue"] > reference)
        hits.append((parallel == 6, kaiser.n_factors == 6))
    return np.mean(hits, axis=0)


def band(rate, replications):
    """Four standard errors of the difference of two shares, never under two hits."""
    spread = max(rate * (1 - rate), 0.01)
    return 4 * np.sqrt(spread * (1 / replications + 1 / STATED_FROM))


def check(items, n_persons, correlation, replications):
    k = CORRELATIONS.index(correlation)
    stated = PARALLEL[items, n_persons][k], KAISER[items, n_persons][k]
    rates = hit_rates(items, n_persons, correlation, replications, seed=20261122)
    for name, ours, theirs in zip(("parallel", "kaiser"), rates, stated):
        gap = abs(ours - theirs)
        assert gap <= band(theirs, replications), f"{name}: {ours} and {theirs}"


@pytest.mark.parametrize(
    "items, n_persons, correlation",
    [(3, 250, 0.3), (3, 250, 0.5), (5, 250, 0.5), (5, 250, 0.7), (5, 500, 0.85)],
)
def test_hit_rates_of_five_designs(items, n_persons, correlation):
    check(items, n_persons, correlation, replications=60)


@pytest.mark.slow
@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("items, n_persons", list(PARALLEL))
def test_hit_rates_of_all_designs(items, n_persons, correlation):
    check(items, n_persons, correlation, replications=200)
