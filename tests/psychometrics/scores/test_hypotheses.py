"""Hypotheses stated before, and groups known to differ."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from psychometrics import InvalidResponses, judge_hypotheses, known_groups


def expectations():
    rows = {
        "satisfaction, r": (0.5, np.nan),
        "symptoms, r": (-0.3, 0.3),
        "users above carers, g": (0.2, np.nan),
        "age, r": (np.nan, 0.1),
    }
    return pd.DataFrame(rows, index=["low", "high"]).T


def test_each_hypothesis_is_judged_by_its_own_bounds():
    found = pd.Series([0.62, 0.1, 0.05, -0.4], index=expectations().index)
    result = judge_hypotheses(expectations(), found)
    assert result.table["is_confirmed"].tolist() == [True, True, False, True]
    assert result.share_confirmed == 0.75 and result.is_sufficient
    assert "3 of 4 hypotheses confirmed (75%): sufficient" in result.summary()


def test_an_interval_across_a_bound_leaves_a_verdict_uncertain():
    found = pd.Series(0.2, index=expectations().index)
    intervals = pd.DataFrame({"low": 0.0, "high": 0.4}, index=found.index)
    result = judge_hypotheses(expectations(), found, intervals=intervals)
    assert result.table["is_certain"].tolist() == [True, False, False, False]


def test_hypotheses_without_a_figure_or_an_expectation_are_named():
    found = pd.Series(0.2, index=expectations().index)
    with pytest.raises(InvalidResponses, match="nothing was found .* 'age, r'"):
        judge_hypotheses(expectations(), found.drop("age, r"))
    loose = expectations()
    loose.loc["age, r"] = np.nan
    with pytest.raises(InvalidResponses, match="'age, r' expects -inf to inf"):
        judge_hypotheses(loose, found)


def groups(rng, n=60, gap=0.5):
    names = np.repeat(["low", "middle", "high"], n)
    means = np.repeat([0, gap, 2 * gap], n)
    return pd.Series(rng.normal(means * 10 + 50, 10)), pd.Series(names)


def test_welch_and_hedges_are_those_of_their_formulas(rng):
    scores, names = groups(rng)
    kept = names.isin(["low", "high"])
    found = known_groups(scores[kept], names[kept])
    low, high = scores[names == "low"], scores[names == "high"]
    welch = stats.ttest_ind(high, low, equal_var=False)
    assert found.F == pytest.approx(welch.statistic**2)
    assert found.p == pytest.approx(welch.pvalue)
    pooled = np.sqrt((high.var() + low.var()) / 2)
    g = (high.mean() - low.mean()) / pooled * (1 - 3 / (4 * 118 - 1))
    assert found.pairs["hedges_g"].tolist() == pytest.approx([g])


def test_groups_of_true_and_false_are_compared_as_others(rng):
    scores, names = rng.normal(size=60), np.repeat(["False", "True"], 30)
    told, words = known_groups(scores, names == "True"), known_groups(scores, names)
    assert told.pairs["hedges_g"].tolist() == words.pairs["hedges_g"].tolist()
    assert told.p == words.p


def test_the_interval_of_g_covers_the_truth(rng):
    covered = 0
    for _ in range(300):
        row = known_groups(*groups(rng)).pairs.set_index(["group", "other"])
        low, high = row.loc[("high", "low"), ["low", "high"]]
        covered += low < 1 < high
    assert 0.92 < covered / 300 < 0.98


def test_the_expected_order_is_judged(rng):
    scores, names = groups(rng, gap=1)
    up = known_groups(scores, names, expected_order=["high", "middle", "low"])
    down = known_groups(scores, names, expected_order=["low", "middle", "high"])
    assert up.is_in_order and not down.is_in_order
    assert "in the expected order high > middle > low" in up.summary()
    assert len(up.pairs) == 3


def test_groups_too_small_to_compare_are_named(rng):
    scores, names = groups(rng)
    with pytest.raises(InvalidResponses, match="group alone has 1 score"):
        known_groups(scores, names.where(names.index > 0, "alone"))
    with pytest.raises(InvalidResponses, match="1 group"):
        known_groups(scores, np.repeat("all", len(scores)))


def test_pictures_are_drawn(rng):
    label = known_groups(*groups(rng)).plot().get_xlabel()
    assert label == "mean score, 95% interval"
    found = pd.Series(0.2, index=expectations().index)
    assert judge_hypotheses(expectations(), found).plot().patches


def test_a_group_whose_scores_differ_by_rounding_alone_is_refused():
    scores = [0.1, 0.1, 0.1, 0.2, 0.3, 0.4]
    with pytest.raises(InvalidResponses, match="group a has 3 scores, or all alike"):
        known_groups(scores, list("aaabbb"))
