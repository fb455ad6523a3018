"""What H means, and that its standard errors cover."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import InvalidResponses, scalability
from psychometrics.mokken.scalability import covariances
from psychometrics.mokken.steps import as_steps


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
    steps = as_steps(graded(rng, 200))
    _, largest = covariances(steps)
    p = steps.popularity
    by_steps = np.minimum(p[0][:, None], p[3]) - np.outer(p[0], p[3])
    assert largest[0, 3] == pytest.approx(by_steps.sum())


def test_intervals_cover_the_population_value(rng):
    truth = scalability(graded(rng, 100_000)).h
    covered = 0
    for _ in range(300):
        lower, upper = scalability(graded(rng, 300)).interval()
        covered += lower <= truth <= upper
    assert 0.91 <= covered / 300 <= 0.98


def test_persons_with_gaps_are_left_out_and_counted(rng):
    table = graded(rng, 200).astype(float)
    table.iloc[:20, 1] = np.nan
    result = scalability(table)
    assert (result.n, result.n_dropped) == (180, 20)
    assert "20 persons with unanswered items left out" in result.summary()


def test_weak_items_are_named_and_drawn(rng):
    table = graded(rng, 500).assign(noise=rng.integers(0, 4, 500))
    result = scalability(table)
    assert "H_i below .30" in result.summary() and "noise" in result.summary()
    assert result.plot().get_xlabel() == "H of the item"


def test_an_item_constant_among_complete_cases_is_refused():
    table = pd.DataFrame({"a": [1, 2, 1, np.nan], "b": [1, 1, 1, 2], "c": [1, 2, 3, 1]})
    with pytest.raises(InvalidResponses, match="item b has one category"):
        scalability(table)
