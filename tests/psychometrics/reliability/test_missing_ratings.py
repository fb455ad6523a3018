"""Intraclass correlations where some ratings are missing."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from psychometrics import InvalidOption, InvalidResponses, NotIdentified, icc

# Shrout and Fleiss (1979), table 2.
JUDGED = np.array(
    [
        [9, 2, 5, 8],
        [6, 1, 3, 2],
        [8, 4, 6, 8],
        [7, 1, 2, 6],
        [10, 5, 6, 9],
        [6, 2, 4, 7],
    ]
).astype(float)


def ratings(rng, n, k, *, target=1.0, rater=0.2, error=1.0, missing=0.3):
    values = rng.normal(size=(n, 1)) * target**0.5 + rng.normal(size=k) * rater**0.5
    values = values + rng.normal(size=(n, k)) * error**0.5
    values[rng.random((n, k)) < missing] = np.nan
    return values[~np.isnan(values).all(axis=1)]


def test_with_every_rating_it_is_the_table_of_variance():
    plain, reml = icc(JUDGED), icc(JUDGED, missing="reml")
    np.testing.assert_allclose(plain.table, reml.table, rtol=1e-5)
    np.testing.assert_allclose(plain.anova, reml.anova, rtol=1e-5)
    np.testing.assert_allclose(plain.variance, reml.variance, rtol=1e-5)


def dense(values, ratios, raters):
    """-2 log restricted likelihood by whole matrices."""
    rows, columns = np.nonzero(~np.isnan(values))
    y = values[rows, columns]
    of_target = np.eye(len(values))[rows]
    of_rater = np.eye(values.shape[1])[columns]
    v = np.eye(len(y)) + ratios[0] * of_target @ of_target.T
    x = np.ones((len(y), 1)) if raters != "fixed" else of_rater
    if raters == "random":
        v = v + ratios[1] * of_rater @ of_rater.T
    inverse = np.linalg.inv(v)
    middle = x.T @ inverse @ x
    rest = y - x @ np.linalg.solve(middle, x.T @ inverse @ y)
    left = len(y) - x.shape[1]
    error = rest @ inverse @ rest / left
    logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(middle)[1]
    return logs + left * np.log(error), error


@pytest.mark.parametrize("raters, places", [("random", (0, 1, 2)), ("fixed", (0, 2))])
def test_components_are_where_the_whole_likelihood_is_highest(rng, raters, places):
    values = ratings(rng, 12, 4)
    n_ratios = len(places) - 1
    end = minimize(
        lambda logs: dense(values, np.exp(logs), raters)[0],
        np.zeros(n_ratios),
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-12},
    )
    ratios = np.exp(end.x)
    error = dense(values, ratios, raters)[1]
    found = icc(values, missing="reml")
    if raters == "random":
        expected = [*(ratios * error), error]
        np.testing.assert_allclose(found.variance, expected, rtol=1e-4, atol=1e-6)
    else:
        share = ratios[0] / (1 + ratios[0])
        assert found.table.loc["ICC3", "icc"] == pytest.approx(share, abs=1e-5)


def test_every_rating_is_used_and_what_is_missing_is_said(rng):
    values = ratings(rng, 60, 4)
    found = icc(values, missing="reml")
    n_there = int((~np.isnan(values)).sum())
    assert (found.n_targets, found.n_ratings, found.n_left_out) == (60, n_there, 0)
    assert "of 240 missing" in found.summary()
    assert icc(values).n_targets < 30
    assert (found.table["low"] < found.table["icc"]).all()
    assert (found.table["icc"] < found.table["high"]).all()
    moved = icc(3 * values[::-1, ::-1] + 7, missing="reml")
    np.testing.assert_allclose(moved.table, found.table, rtol=1e-4)


def test_the_mean_of_estimates_is_the_truth_where_complete_targets_are_few(rng):
    n_runs, truth = 12, 1 / 2.2
    estimates = [
        icc(ratings(rng, 60, 5), missing="reml").table.loc["ICC2", "icc"]
        for _ in range(n_runs)
    ]
    error = np.std(estimates) / n_runs**0.5
    assert abs(np.mean(estimates) - truth) < 3 * error + 0.01


@pytest.mark.slow
@pytest.mark.parametrize("n, k, missing", [(60, 4, 0.25), (40, 3, 0.2), (60, 6, 0.3)])
def test_intervals_cover_the_truth_as_often_as_they_say(rng, n, k, missing):
    truth = {"ICC1": 1 / 2.2, "ICC2": 1 / 2.2, "ICC3": 0.5}
    covered = dict.fromkeys(truth, 0)
    for _ in range(300):
        table = icc(ratings(rng, n, k, missing=missing), missing="reml").table
        for name, value in truth.items():
            covered[name] += table.loc[name, "low"] < value < table.loc[name, "high"]
    assert all(0.91 < n_covered / 300 < 0.985 for n_covered in covered.values())


def test_raters_whom_no_target_ties_together_are_refused():
    apart = pd.DataFrame(
        {
            "a": [1, 2, 3, np.nan, np.nan, np.nan],
            "b": [2, 2, 4, np.nan, np.nan, np.nan],
            "c": [np.nan, np.nan, np.nan, 1, 2, 5],
            "d": [np.nan, np.nan, np.nan, 3, 2, 4],
        }
    )
    with pytest.raises(NotIdentified, match="not tied together"):
        icc(apart, missing="reml")


@pytest.mark.parametrize("levels", [(0, 0, 0), (0, 1, 2)])
def test_raters_who_agree_but_for_their_levels(levels):
    same = np.arange(1.0, 9)[:, None] + np.array(levels)
    table = icc(same).table
    assert table.loc["ICC3", ["icc", "low", "high"]].tolist() == [1, 1, 1]
    assert (table.loc["ICC1", "icc"] == 1) == (levels == (0, 0, 0))
    same[2, 1] = np.nan
    with pytest.raises(NotIdentified, match="no error to compare with"):
        icc(same, missing="reml")


def test_ratings_that_leave_nothing_over_are_refused():
    chain = pd.DataFrame({"a": [1.0, 2, np.nan], "b": [2.0, np.nan, 3]})
    with pytest.raises(NotIdentified, match="leave nothing over"):
        icc(chain, missing="reml")
    with pytest.raises(NotIdentified, match="no share of variance"):
        icc(pd.DataFrame({"a": [1, 2, 3.0], "b": [3, 2, 1.0]}), missing="reml")
    with pytest.raises(InvalidResponses, match='missing="reml"'):
        icc(pd.DataFrame({"a": [1, 2, np.nan], "b": [np.nan, 2, 3]}))
    with pytest.raises(InvalidOption, match="complete, reml"):
        icc(JUDGED, missing="pairwise")
