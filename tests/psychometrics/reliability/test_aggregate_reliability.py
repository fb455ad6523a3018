"""Reliability of unit means: known variances, and units that do not differ."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import InvalidResponses, icc, unit_reliability


def test_variances_are_recovered_and_reliability_grows_with_size(rng):
    size = rng.integers(5, 60, 200)
    team = np.repeat(np.arange(200), size)
    scores = 50 + 6 * rng.normal(size=200)[team] + 18 * rng.normal(size=team.size)
    result = unit_reliability(scores, team)
    assert result.icc == pytest.approx(0.1, abs=0.03)
    assert result.lower < 0.1 < result.upper
    assert result.units["reliability"].corr(result.units["n"], "spearman") > 0.99
    assert result.n_needed(0.7) == pytest.approx(21, rel=0.35)


def test_equal_units_give_the_one_way_intraclass_correlation(rng):
    ratings = pd.DataFrame(rng.normal(size=(30, 4)) + rng.normal(size=(30, 1)))
    result = unit_reliability(ratings.to_numpy().ravel(), np.repeat(range(30), 4))
    table = icc(ratings).to_frame()
    single, average = table["icc"].iloc[0], table["icc"].iloc[3]
    assert result.icc == pytest.approx(single)
    assert result.units["reliability"].iloc[0] == pytest.approx(average)


def test_units_that_do_not_differ_are_not_to_be_ranked():
    scores, team = np.tile([1.0, 2.0, 3.0], 4), np.repeat(range(4), 3)
    result = unit_reliability(scores, team)
    assert result.icc == 0 and result.n_needed() == np.inf
    assert "do not rank them" in result.summary()
    assert result.plot().get_xlabel() == "scores of the unit"


def test_too_little_to_compare_is_refused():
    with pytest.raises(InvalidResponses, match="2 scores in 2 units"):
        unit_reliability([1.0, 2.0, np.nan], ["a", "b", "b"])


def test_units_without_any_difference_inside_are_told_apart_for_certain():
    result = unit_reliability([1, 1, 2, 2], list("aabb"))
    assert (result.icc, result.lower, result.upper) == (1, 1, 1)
    assert "it takes 1 score." in result.summary()
    with pytest.raises(InvalidResponses, match="all scores are 1; no share"):
        unit_reliability([1, 1, 1, 1], list("aabb"))


def test_the_number_of_scores_it_takes_is_enough(rng):
    for _ in range(30):
        team = np.repeat(range(8), 10)
        scores = 0.5 * rng.normal(size=8)[team] + rng.normal(size=80)
        result = unit_reliability(scores, team)
        if result.between:
            n = int(result.summary().split("it takes ")[1].split()[0])
            assert result.between / (result.between + result.within / n) >= 0.7
