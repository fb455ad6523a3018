"""Small groups stay hidden, also from somebody who can subtract."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import InvalidResponses, suppress

TEAMS = list("abcd")


def hidden(*counts, **options):
    return suppress(pd.Series(counts, index=TEAMS[: len(counts)]), **options)


def test_a_second_group_hides_with_the_only_small_one():
    result = hidden(50, 4, 30, 20)
    assert result.cells.tolist() == [False, True, False, True]
    assert not result.total


def test_two_small_groups_that_add_up_to_a_small_one_take_a_third():
    assert hidden(50, 4, 3, 20).cells.tolist() == [False, True, True, True]
    assert hidden(50, 4, 7, 20).cells.tolist() == [False, True, True, False]


def test_without_published_totals_only_small_groups_hide():
    result = hidden(50, 4, 30, 20, totals=False)
    assert result.cells.tolist() == [False, True, False, False]


def test_nobody_is_not_a_group_and_protects_nobody():
    result = hidden(0, 4, 0, 20)
    assert result.cells.tolist() == [False, True, False, True]


def test_a_lone_small_group_takes_the_total_with_it():
    result = hidden(4, 0)
    assert result.cells.tolist() == [True, False] and result.total


def test_a_group_that_answered_alike_is_hidden_whatever_its_size():
    result = hidden(50, 40, 30, 20, alike=[True, False, False, False])
    assert result.cells.tolist() == [True, False, False, True]


def test_cross_table_hides_a_rectangle_around_one_small_cell():
    counts = pd.DataFrame([[4, 20, 30], [25, 40, 50], [26, 60, 70]])
    result = suppress(counts)
    assert result.cells.to_numpy().sum() == 4
    assert result.cells.iloc[:2, :2].to_numpy().all()
    assert not result.row_totals.any() and not result.column_totals.any()
    assert result.to_frame().shape == (4, 4)
    assert result.plot().get_title().startswith("Hidden cells (1)")


def test_counts_must_be_whole_numbers_of_persons():
    with pytest.raises(InvalidResponses, match="whole numbers"):
        hidden(3, -1)


def spread_of_solutions(whole, mask):
    """Hidden values that other tables with the same shown cells would change."""
    rows, columns = whole.shape
    sums = []
    for i in range(rows):
        line = np.zeros(whole.shape)
        line[i], line[i, -1] = 1, -1
        sums.append(line[mask])
    for j in range(columns):
        line = np.zeros(whole.shape)
        line[:, j], line[-1, j] = 1, -1
        sums.append(line[mask])
    equations = np.array(sums)
    reached = np.linalg.pinv(equations) @ equations  # row space: what sums determine
    return 1 - np.diag(reached)


counts_strategy = st.lists(
    st.lists(st.integers(0, 25), min_size=3, max_size=3), min_size=2, max_size=4
)


@settings(deadline=None, max_examples=60)
@given(counts_strategy)
def test_no_hidden_cell_follows_from_the_shown_ones(rows):
    counts = pd.DataFrame(rows)
    result = suppress(counts)
    whole = counts.assign(total=counts.sum(axis=1))
    whole.loc["total"] = whole.sum()
    mask = result.to_frame().to_numpy()
    assert (mask | (whole >= 10) | (whole == 0)).to_numpy().all()
    if mask.any():
        assert (spread_of_solutions(whole.to_numpy(float), mask) > 1e-9).all()
