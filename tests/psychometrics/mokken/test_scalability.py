"""What H means, and that its standard errors cover."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import InvalidResponses, scalability
from psychometrics.mokken.item_steps import as_steps
from psychometrics.mokken.pairs import pair_tables


def graded(rng, n, *, n_items=5, slope=1.7):
    """Answers 0..3 of a graded response model."""
    theta = rng.normal(size=(n, 1, 1))
    easiness = np.linspace(-1, 1, n_items)[:, None] + np.array([1.2, 0.0, -1.2])
    chance = 1 / (1 + np.exp(-slope * (theta + easiness)))
    table = (rng.random((n, n_items, 1)) < chance).sum(axis=2)
    return pd.DataFrame(table, columns=[f"i{j}" for j in range(n_items)])


def test_a_perfect_guttman_pattern_has_h_of_one():
    table = pd.DataFrame(np.tril(np.ones((5, 4), int), -1)[[0, 1, 2, 3, 4] * 4])
    result = scalability(table.rename(columns=str))
    assert result.h == pytest.approx(1)
    assert result.h_pair.min().min() == pytest.approx(1)


def test_unrelated_items_have_h_near_nought(rng):
    table = pd.DataFrame(rng.integers(0, 4, (4000, 4)), columns=list("abcd"))
    result = scalability(table)
    assert abs(result.h) < 4 * result.se_h
    assert abs(result.z) < 4


def test_reversing_all_items_changes_nothing(rng):
    table = graded(rng, 300)
    there, back = scalability(table), scalability(3 - table)
    assert back.h_item.to_numpy() == pytest.approx(there.h_item.to_numpy())
    assert back.se_item.to_numpy() == pytest.approx(there.se_item.to_numpy())


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_permuting_items_permutes_their_h(seed):
    rng = np.random.default_rng(seed)
    table = graded(rng, 120)
    order = rng.permutation(table.columns)
    before, after = scalability(table), scalability(table[order])
    assert after.h_item.to_dict() == pytest.approx(before.h_item.to_dict())
    assert after.se_item.to_dict() == pytest.approx(before.se_item.to_dict())


def test_largest_covariance_is_that_of_the_sorted_answers(rng):
    table = graded(rng, 200)
    tables = pair_tables(as_steps(table))
    ordered = np.sort(table.to_numpy(), axis=0)
    largest = np.cov(ordered.T, bias=True)
    assert tables.cov_max[0, 3] == pytest.approx(largest[0, 3])
    assert tables.cov[0, 3] == pytest.approx(np.cov(table.T, bias=True)[0, 3])


def test_intervals_cover_the_population_value(rng):
    truth = scalability(graded(rng, 100_000)).h
    covered = 0
    for _ in range(300):
        lower, upper = scalability(graded(rng, 300)).interval()
        covered += lower <= truth <= upper
    assert 0.91 <= covered / 300 <= 0.98


def test_persons_with_gaps_are_used_in_pairs_or_left_out(rng):
    table = graded(rng, 200).astype(float)
    table.iloc[:20, 1] = np.nan
    complete = scalability(table, missing="complete")
    assert (complete.n, complete.n_dropped) == (180, 20)
    assert "20 persons with unanswered items left out" in complete.summary()
    pairwise = scalability(table)
    without = scalability(table.drop(columns="i1"))
    assert pairwise.n == 200
    assert pairwise.h_pair.at["i0", "i2"] == pytest.approx(
        without.h_pair.at["i0", "i2"]
    )
    assert pairwise.h_pair.at["i0", "i1"] == complete.h_pair.at["i0", "i1"]


def test_booklets_in_which_nobody_answered_everything_still_scale(rng):
    table = graded(rng, 3000, n_items=6).astype(float)
    truth = scalability(table)
    for k in range(3):  # each third of the persons skips two items
        table.iloc[k::3, [2 * k, 2 * k + 1]] = np.nan
    result = scalability(table)
    assert result.h == pytest.approx(truth.h, abs=4 * result.se_h)
    assert result.se_h > truth.se_h
    assert "each pair over those who answered both" in result.summary()


def test_intervals_of_pairwise_estimates_cover(rng):
    truth = scalability(graded(rng, 100_000)).h
    covered = 0
    for _ in range(200):
        table = graded(rng, 300).astype(float)
        table = table.mask(rng.random(table.shape) < 0.3).dropna(how="all")
        lower, upper = scalability(table).interval()
        covered += lower <= truth <= upper
    assert 0.90 <= covered / 200 <= 0.99


def test_few_persons_and_unequal_categories_are_announced(rng):
    table = graded(rng, 60)
    table["i0"] = table["i0"].clip(upper=2)
    text = scalability(table).summary()
    assert "60 persons; below 100" in text and "Items differ in the categories" in text


def test_item_h_is_tested_against_a_bound(rng):
    result = scalability(graded(rng, 800).assign(noise=rng.integers(0, 4, 800)))
    p = result.against(0.1)
    assert p["noise"] > 0.5 and p["i2"] < 0.01


def test_items_that_nobody_answered_together_are_refused():
    table = pd.DataFrame({"a": [1, 2, 3] * 4, "b": [1.0, 2, 2] * 4, "c": [2, 1, 3] * 4})
    table.loc[:5, "b"], table.loc[6:, "c"] = np.nan, np.nan
    with pytest.raises(InvalidResponses, match="items b and c share too few"):
        scalability(table)


def test_weak_items_are_named_and_drawn(rng):
    table = graded(rng, 500).assign(noise=rng.integers(0, 4, 500))
    result = scalability(table)
    assert "H_i below .30" in result.summary() and "noise" in result.summary()
    assert result.plot().get_xlabel() == "H of the item, 95% interval"


def test_an_item_constant_among_complete_cases_is_refused():
    table = pd.DataFrame({"a": [1, 2, 1, np.nan], "b": [1, 1, 1, 2], "c": [1, 2, 3, 1]})
    with pytest.raises(InvalidResponses, match="item b has one category"):
        scalability(table, missing="complete")
    with pytest.raises(InvalidResponses, match="neither complete nor pairwise"):
        scalability(table, missing="listwise")
