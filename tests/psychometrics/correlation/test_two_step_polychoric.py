"""Two-step estimates of all pairs, and how persons move them."""

import numpy as np
import pytest

from psychometrics.correlation.asymptotic_covariance import (
    asymptotic_covariance,
    correlation_errors,
    influence,
    threshold_count,
)
from psychometrics.correlation.cell_probabilities import cell_probabilities
from psychometrics.correlation.two_step_polychoric import fit_pairs, pair_tables

CUTS = [-1.0, 0.0, 0.8]


def answers(rng, n=1500, corr=0.5, n_items=4, missing=0.0):
    latent = np.sqrt(corr) * rng.normal(size=(n, 1))
    latent = latent + np.sqrt(1 - corr) * rng.normal(size=(n, n_items))
    codes = np.digitize(latent, CUTS)
    codes[rng.random(codes.shape) < missing] = -1
    return codes


def test_tables_count_the_persons_who_answered_both(rng):
    codes = answers(rng, n=60, missing=0.3)
    counted = pair_tables(codes, 4, rows=7)[0, :, 2, :]
    expected = np.zeros((4, 4))
    for row in codes[(codes[:, 0] >= 0) & (codes[:, 2] >= 0)]:
        expected[row[0], row[2]] += 1
    np.testing.assert_array_equal(counted, expected)


def test_pairs_come_in_the_order_of_the_lower_triangle_by_columns(rng):
    pairs = fit_pairs(answers(rng), [4] * 4)
    assert list(zip(pairs.second + 1, pairs.first + 1)) == [
        *((2, 1), (3, 1), (4, 1)),
        *((3, 2), (4, 2), (4, 3)),
    ]


def test_items_of_different_lengths_are_fitted_together(rng):
    codes = answers(rng)
    codes[:, 1] = codes[:, 1] > 1
    together = fit_pairs(codes, [4, 2, 4, 4])
    alone = fit_pairs(codes[:, [0, 1]], [4, 2])
    assert together.rho[0] == pytest.approx(alone.rho[0], abs=1e-9)


@pytest.mark.parametrize("corr", [0.0, 0.5, 0.97])
def test_the_search_ends_with_the_cells_that_its_correlations_imply(rng, corr):
    pairs = fit_pairs(answers(rng, n=300, corr=corr), [4] * 4)
    implied = cell_probabilities(pairs.cuts_first, pairs.cuts_second, pairs.rho)
    np.testing.assert_allclose(pairs.cells, implied, rtol=0, atol=1e-11)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_errors_of_the_tables_are_the_diagonal_of_the_covariance(rng, missing):
    codes = answers(rng, missing=missing)
    pairs = fit_pairs(codes, [4] * 4)
    acov = asymptotic_covariance(pairs, codes)
    of_acov = np.sqrt(np.diag(acov)[threshold_count(pairs) :] / len(codes))
    np.testing.assert_allclose(correlation_errors(pairs), of_acov, rtol=1e-10)


def test_one_person_more_moves_the_estimates_as_the_influence_says(rng):
    codes = answers(rng, n=4000)
    pairs = fit_pairs(codes, [4] * 4)
    said = influence(pairs, codes)[:200, threshold_count(pairs) :] / len(codes)
    moved = [
        fit_pairs(np.vstack([codes, codes[k]]), [4] * 4).rho - pairs.rho
        for k in range(200)
    ]
    assert np.corrcoef(np.ravel(moved), said.ravel())[0, 1] > 0.998
    np.testing.assert_allclose(np.std(moved), said.std(), rtol=0.05)


def test_influences_sum_to_nothing(rng):
    codes = answers(rng, missing=0.1)
    total = influence(fit_pairs(codes, [4] * 4), codes).mean(axis=0)
    assert np.abs(total).max() < 1e-4


def test_errors_are_those_of_repeated_samples(rng):
    found = [fit_pairs(answers(rng, n=400), [4] * 4) for _ in range(150)]
    spread = np.std([pairs.rho for pairs in found], axis=0)
    said = np.mean([correlation_errors(pairs) for pairs in found], axis=0)
    np.testing.assert_allclose(said.mean(), spread.mean(), rtol=0.1)


@pytest.mark.slow
def test_covariance_of_thresholds_and_correlations_is_that_of_repeated_samples(rng):
    found = []
    for _ in range(2000):
        codes = answers(rng, n=600, n_items=3)
        pairs = fit_pairs(codes, [4] * 3)
        found.append(np.concatenate([pairs.cuts.ravel(), pairs.rho]))
    codes = answers(rng, n=20000, n_items=3)
    said = asymptotic_covariance(fit_pairs(codes, [4] * 3), codes)
    observed = np.cov(np.array(found).T) * 600
    assert np.abs(observed - said).max() < 0.15


def test_thresholds_of_pairs_give_no_influence(rng):
    codes = answers(rng)
    pairs = fit_pairs(codes, [4] * 4, own_thresholds=True)
    with pytest.raises(ValueError, match="thresholds from the items"):
        influence(pairs, codes)


def test_both_kinds_of_error_agree_where_the_responses_are_normal(rng):
    pairs = fit_pairs(answers(rng, n=20000), [4] * 4)
    products, observed = (correlation_errors(pairs, observed=o) for o in (False, True))
    np.testing.assert_allclose(products, observed, rtol=0.03)


def test_observed_errors_hold_where_the_responses_are_not_normal(rng):
    def bent(n):
        # Whoever is extreme on one item is careless on the other.
        first = rng.normal(size=n)
        noise = rng.normal(size=n) * np.where(np.abs(first) > 1, 1.5, 0.3)
        return np.digitize(np.column_stack([first, 0.8 * first + noise]), CUTS)

    found = [fit_pairs(bent(800), [4, 4]) for _ in range(300)]
    spread = np.std([pairs.rho for pairs in found])
    observed = np.mean([correlation_errors(p, observed=True) for p in found])
    products = np.mean([correlation_errors(p) for p in found])
    assert observed == pytest.approx(spread, rel=0.1)
    assert abs(products / spread - 1) > 0.1
