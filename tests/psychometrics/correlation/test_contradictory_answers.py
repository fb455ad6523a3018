"""An answer that contradicts all others weighs what it costs, however unlikely.

Probabilities that differences no longer hold, or that stand on a floor, would leave a
likelihood that hardly falls, and a correlation that is too high.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_ndtr, logsumexp, ndtri

from psychometrics import polychoric, polychoric_pair, polyserial
from psychometrics.correlation.bivariate_normal import (
    bivariate_cdf,
    log_interval,
    log_rectangle,
)

NODES = np.linspace(-9, 9, 60_001)


def table(n_categories, n_each, n_odd, spread):
    """Two items that agree but for neighbours, and who chose opposite ends."""
    counts = n_each * np.eye(n_categories)
    counts += spread * (np.eye(n_categories, k=1) + np.eye(n_categories, k=-1))
    counts[0, -1] += n_odd
    return counts


def answers(counts):
    rows, columns = np.nonzero(counts)
    times = counts[rows, columns].astype(int)
    return pd.DataFrame({"x": rows.repeat(times), "y": columns.repeat(times)})


def log_difference(low, high):
    """log P(low < X < high), from the tail where it has digits."""
    low, high = np.where(low > 0, -high, low), np.where(low > 0, -low, high)
    most = log_ndtr(high)
    return most + np.log1p(-np.exp(log_ndtr(low) - most))


def log_likelihood(counts, rho):
    """Of the two-step estimate, by the sum over a fine grid of the first response."""
    n, spread = counts.sum(), np.sqrt(1 - rho**2)
    a = np.r_[-np.inf, ndtri(counts.sum(axis=1).cumsum()[:-1] / n), np.inf]
    b = np.r_[-40, ndtri(counts.sum(axis=0).cumsum()[:-1] / n), 40]
    density = -(NODES**2) / 2 - np.log(2 * np.pi) / 2 + np.log(NODES[1] - NODES[0])
    total = 0.0
    for i, j in zip(*np.nonzero(counts)):
        own = (NODES > a[i]) & (NODES <= a[i + 1])
        z = rho * NODES[own]
        chance = log_difference((b[j] - z) / spread, (b[j + 1] - z) / spread)
        total += counts[i, j] * logsumexp(density[own] + chance)
    return total


@pytest.mark.parametrize(
    ("n_categories", "n_each", "n_odd", "spread"),
    [(5, 60, 1, 6), (5, 60, 2, 8), (7, 140, 1, 20), (3, 100, 1, 5)],
)
@pytest.mark.filterwarnings("ignore::psychometrics.errors.SparseCategoryWarning")
def test_the_correlation_is_where_the_likelihood_is_highest(
    n_categories, n_each, n_odd, spread
):
    counts = table(n_categories, n_each, n_odd, spread)
    frame = answers(counts)
    rho = polychoric(frame, smooth=False).corr.loc["x", "y"]
    height = log_likelihood(counts, rho)
    for other in (rho - 0.003, rho + 0.003, 0.88, 0.99):
        assert log_likelihood(counts, other) < height
    assert polychoric_pair(frame.x, frame.y).corr == pytest.approx(rho, abs=1e-8)
    joint = polychoric_pair(frame.x, frame.y, joint=True)
    assert joint.corr == pytest.approx(rho, abs=0.02)


def test_errors_beside_a_contradictory_answer_are_numbers():
    found = polychoric(answers(table(5, 60, 2, 8)), smooth=False, acov=True)
    assert np.isfinite(found.acov.to_numpy()).all()
    assert 0.001 < found.se.loc["x", "y"] < 0.1


def test_a_polyserial_correlation_is_where_the_likelihood_is_highest(rng):
    score = np.linspace(-2.5, 2.5, 301)
    codes = np.digitize(score + rng.normal(0, 0.15, 301), [-1.2, 0, 1.2])
    codes[-1] = 0  # the highest score with the lowest category
    found = polyserial(pd.Series(score), pd.DataFrame({"x": codes}))
    rho = float(found.corr.iloc[0, 0])
    z = (score - score.mean()) / score.std()
    cuts = np.r_[-40, ndtri(np.bincount(codes).cumsum()[:-1] / 301), 40]

    def height(r):
        ends = (cuts[codes + k] - r * z for k in (0, 1))
        return log_difference(*(end / np.sqrt(1 - r**2) for end in ends)).sum()

    assert height(rho) > max(height(rho - 0.003), height(rho + 0.003), height(0.99))


def test_a_small_rectangle_is_the_sum_of_its_halves():
    rho, ends = np.array([0.97]), np.array([-np.inf, -3.0, -2.0])
    b = np.array([2.5]), np.array([np.inf])
    halves = [log_rectangle((ends[[k]], ends[[k + 1]]), b, rho) for k in (0, 1)]
    whole = log_rectangle((ends[[0]], ends[[2]]), b, rho)
    assert whole < -150
    np.testing.assert_allclose(np.logaddexp(*halves), whole, rtol=1e-10)


@pytest.mark.parametrize("rho", [-0.9999, -0.4, 0.0, 0.7, 0.99999])
def test_rectangles_are_those_of_the_cumulative_distribution(rng, rho):
    a, b = np.sort(rng.normal(size=(2, 2, 40)), axis=1)
    rho = np.full(40, rho)
    corners = [[bivariate_cdf(x, y, rho) for y in b] for x in a]
    plain = corners[1][1] - corners[0][1] - corners[1][0] + corners[0][0]
    found = np.exp(log_rectangle(a, b, rho))
    np.testing.assert_allclose(found, plain, rtol=1e-6, atol=1e-11)


def test_intervals_keep_their_digits_in_both_tails():
    low, high = np.array([10.0, 30.0]), np.array([10.5, np.inf])
    np.testing.assert_allclose(log_interval(low, high), log_interval(-high, -low))
    assert log_interval(low, high)[1] == pytest.approx(log_ndtr(-30.0))
    assert log_interval(np.array([-np.inf]), np.array([np.inf])) == 0
