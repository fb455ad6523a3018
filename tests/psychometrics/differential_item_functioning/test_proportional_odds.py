"""The regression under the ordinal logistic method."""

import numpy as np
import pytest
from scipy import stats

from psychometrics import ConvergenceError
from psychometrics.differential_item_functioning.cells import Cells
from psychometrics.differential_item_functioning.mantel import mantel_columns
from psychometrics.differential_item_functioning.proportional_odds import (
    derivatives,
    proportional_odds,
)


def sample(rng, n=400):
    design = rng.normal(size=(n, 2))
    latent = design @ [1.0, -0.5] + rng.logistic(size=n)
    return np.eye(4)[np.digitize(latent, [-1, 0, 1.5])], design


def test_derivatives_are_those_of_the_log_likelihood(rng):
    counts, design = sample(rng, 60)
    point, step = np.array([-1.0, 0.2, 1.0, 0.7, 0.2]), 1e-6 * np.eye(5)

    def at(k, part):
        up, down = (derivatives(point + s * step[k], counts, design) for s in (1, -1))
        return (up[part] - down[part]) / 2e-6

    _, gradient, information = derivatives(point, counts, design)
    assert gradient == pytest.approx([at(k, 0) for k in range(5)], rel=1e-5)
    assert information == pytest.approx(
        -np.array([at(k, 1) for k in range(5)]), rel=1e-4
    )


def test_without_predictors_thresholds_are_the_observed_logits(rng):
    counts, _ = sample(rng)
    fit = proportional_odds(counts, np.empty((400, 0)))
    share = counts.sum(axis=0) / 400
    assert fit.log_likelihood == pytest.approx(400 * -stats.entropy(share))


def test_parameters_are_recovered(rng):
    fit = proportional_odds(*sample(rng, 20_000))
    assert fit.slopes == pytest.approx([1.0, -0.5], abs=0.06)
    assert fit.thresholds == pytest.approx([-1, 0, 1.5], abs=0.08)


def test_adding_up_like_cells_changes_nothing(rng):
    counts, design = sample(rng)
    design = np.round(design)
    cells, where = np.unique(design, axis=0, return_inverse=True)
    summed = np.zeros((len(cells), 4))
    np.add.at(summed, where.ravel(), counts)
    whole, short = proportional_odds(counts, design), proportional_odds(summed, cells)
    assert short.slopes == pytest.approx(whole.slopes, abs=1e-8)
    assert short.log_likelihood == pytest.approx(whole.log_likelihood)


def test_perfect_prediction_is_no_finite_maximum():
    design = np.array([[0.0], [0.0], [1.0], [1.0]])
    counts = np.array([[5, 0], [5, 0], [0, 5], [0, 5]], float)
    with pytest.raises(ConvergenceError, match="did not settle"):
        proportional_odds(counts, design, max_iter=20)


def test_mantel_test_of_two_answers_is_mantel_haenszels():
    first, second = np.array([[20, 10], [12, 18]]), np.array([[15, 5], [10, 20]])
    counts = np.vstack([first, second]).astype(float)
    cells = Cells(
        counts, np.array([0, 0, 1, 1.0]), np.array([0, 1, 0, 1]), np.arange(2.0)
    )
    row = mantel_columns(cells, 2)
    expected = spread = 0.0
    for table in (first, second):
        n, (r, f), (low, high) = table.sum(), table.sum(axis=1), table.sum(axis=0)
        expected += table[1, 1] - f * high / n
        spread += r * f * low * high / n**2 / (n - 1)
    assert row["chi2_total"] == pytest.approx(expected**2 / spread)
    odds = sum(t[1, 1] * t[0, 0] / t.sum() for t in (first, second)) / sum(
        t[1, 0] * t[0, 1] / t.sum() for t in (first, second)
    )
    assert row["log_odds_ratio"] == pytest.approx(np.log(odds))
