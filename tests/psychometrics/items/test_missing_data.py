"""Patterns of missing answers, and Little's test."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from psychometrics import InvalidResponses, little_mcar, missing_patterns


def scores(rng, n=300, n_items=4, corr=0.5):
    common = np.sqrt(corr) * rng.normal(size=(n, 1))
    latent = common + np.sqrt(1 - corr) * rng.normal(size=(n, n_items))
    return pd.DataFrame(latent).add_prefix("q")


def test_patterns_are_counted_most_frequent_first():
    gaps = pd.DataFrame({"a": [1, 2, 3, 1, None], "b": [2, None, None, 3, 1]})
    found = missing_patterns(gaps)
    assert found.patterns["n"].tolist() == [2, 2, 1]
    assert found.patterns.loc[0, ["a", "b"]].tolist() == [False, False]
    assert found.by_item["missing"].tolist() == [1, 2]
    assert found.n_complete == 2
    assert "3 patterns among 5 persons" in found.summary()
    assert found.plot().images


def test_p_is_uniform_when_answers_are_missing_at_random(rng):
    p = []
    for _ in range(150):
        frame = scores(rng)
        frame = frame.mask(rng.random(frame.shape) < 0.1).dropna(how="all")
        p.append(little_mcar(frame).p)
    assert kstest(p, "uniform").pvalue > 0.01


def test_missing_that_depends_on_an_answer_is_found(rng):
    frame = scores(rng)
    frame["q1"] = frame["q1"].mask(frame["q0"] > 0.5)
    found = little_mcar(frame)
    assert found.p < 1e-6
    assert found.df == 3 and found.n_patterns == 2


def test_two_patterns_of_two_items_are_the_textbook_case(rng):
    # q1 missing for some: only the means of q0 in the two groups can differ.
    frame = scores(rng, n_items=2)
    frame.loc[:99, "q1"] = np.nan
    found = little_mcar(frame)
    total = frame["q0"]
    gap = total[:100].mean() - total.mean(), total[100:].mean() - total.mean()
    expected = (100 * gap[0] ** 2 + 200 * gap[1] ** 2) / total.var()
    assert found.chi2 == pytest.approx(expected, rel=1e-4)
    assert found.df == 1


def test_the_estimated_means_use_what_the_others_answered(rng):
    frame = scores(rng, n=5000, corr=0.8)
    truth = frame["q1"].mean()
    frame["q1"] = frame["q1"].mask(frame["q0"] > 0)
    found = little_mcar(frame).means.loc["q1", "mean"]
    assert found == pytest.approx(truth, abs=0.05)
    assert frame["q1"].mean() < truth - 0.3


def test_nothing_missing_is_said(rng):
    with pytest.raises(InvalidResponses, match="same items"):
        little_mcar(scores(rng))


def test_an_item_that_repeats_another_has_no_degrees_of_freedom(rng):
    answers = pd.DataFrame(rng.integers(1, 6, (200, 2)), columns=["a", "b"])
    answers = answers.astype(float)
    answers.loc[:30, "b"] = np.nan
    answers.loc[31:60, "a"] = np.nan
    once, twice = little_mcar(answers), little_mcar(answers.assign(copy=answers["a"]))
    assert (twice.df, twice.chi2) == (once.df, pytest.approx(once.chi2, rel=1e-4))
    assert twice.p == pytest.approx(once.p, rel=1e-3)
