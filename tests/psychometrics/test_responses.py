"""What the input gate lets through, and what it says when it does not."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    EmptyRowWarning,
    InvalidResponses,
    UnstatedCodeWarning,
    check_responses,
)
from psychometrics.resampling import drawn_until, pairs_vary


def table(**columns):
    return pd.DataFrame(columns)


GOOD = {"a": [1, 2, 3, 2], "b": [2, 2, 1, 3]}


def test_codes_start_at_zero_and_missing_is_minus_one():
    checked = check_responses(table(a=[3, 5, np.nan, 4], b=[1, 1, 2, 2]))
    assert checked.codes.tolist() == [[0, 0], [2, 0], [-1, 1], [1, 1]]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_each_mark_of_a_missing_answer_is_one(missing):
    column = pd.Series([3, 5, missing, 4], dtype=object)
    checked = check_responses(table(a=column, b=[1, 1, 2, 2]))
    assert checked.codes.tolist() == [[0, 0], [2, 0], [-1, 1], [1, 1]]


def test_a_category_nobody_used_is_named():
    assert check_responses(table(a=[1, 4, 1, 2], b=GOOD["b"])).unused() == {"a": [3]}


def test_complete_keeps_the_labels_of_those_who_answered_everything():
    checked = check_responses(table(a=[1, np.nan, 3, 2], b=GOOD["b"]))
    assert checked.complete().persons.tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    "responses, said",
    [
        (table(**GOOD, c=[2, 2, 2, 2]), "item c has one category in use"),
        (table(**GOOD, c=[np.nan] * 4), "item c was answered by nobody"),
        (table(**GOOD, c=["1", "two", "1", "2"]), "item c has 'two' at row 1"),
        (table(**GOOD, c=[1, 2, np.inf, 1]), "item c has an infinite value"),
        (table(**GOOD, c=[1, 2, 1.5, 1]), "item c has 1.5"),
        (pd.DataFrame([[1, 2], [2, 1], [1, 1]], columns=["a", "a"]), "named a"),
        (table(a=GOOD["a"]), "1 item"),
        (pd.DataFrame(np.eye(4)[:3] + 1), "turned round"),
        (np.zeros(5), "1 dimension"),
    ],
)
def test_unusable_tables_are_refused_in_the_readers_words(responses, said):
    with pytest.raises(InvalidResponses, match=said):
        check_responses(responses)


def padded():
    return pd.DataFrame(GOOD).reindex(range(6)).rename(index="p{}".format)


def test_a_row_without_an_answer_is_nobody_and_is_said():
    with pytest.warns(EmptyRowWarning, match="2 of 6 rows hold no answer .* n is 4"):
        checked = check_responses(padded())
    assert (checked.n_persons, checked.n_empty) == (4, 2)
    assert checked.persons.tolist() == ["p0", "p1", "p2", "p3"]
    assert checked.rows.tolist() == [0, 1, 2, 3]


def test_values_by_row_or_by_label_find_the_persons_who_count():
    with pytest.warns(EmptyRowWarning):
        checked = check_responses(padded().iloc[::-1])
    by_row = checked.of_persons(["x", "y", "d", "c", "b", "a"])
    by_label = checked.of_persons(pd.Series({f"p{k}": "abcdef"[k] for k in range(6)}))
    assert by_row.tolist() == by_label.tolist() == ["d", "c", "b", "a"]
    with pytest.raises(InvalidResponses, match="5 groups for 6 persons"):
        checked.of_persons(range(5), what="groups")


def test_rows_enough_with_too_few_persons_are_refused():
    with pytest.raises(InvalidResponses, match="2 of 6 rows hold an answer"):
        check_responses(pd.DataFrame(GOOD).iloc[[0, 2]].reindex(range(6)))


@pytest.mark.parametrize("code", [9, 99, 999, -9, -99, 55])
def test_a_code_apart_from_the_others_is_named_with_its_item(code):
    table = pd.DataFrame({"a": [1, 2, 3, 4, 5, 5], "b": [3, 2, code, 5, 4, 1]})
    with pytest.warns(UnstatedCodeWarning, match=f"^{code} stands beside 1 to 5 in b"):
        check_responses(table)
    check_responses(table, codes_stated=True)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": [1, 2, 4, 5], "b": [1, 2, 3, 5]}),
        pd.DataFrame({"a": [1, 2, 3, 1], "total": [12, 14, 19, 11]}),
        pd.DataFrame({"a": [0.5, 2, 9, 1], "b": [1, 2, 3, 2]}),
    ],
)
def test_unused_options_totals_and_fractions_are_no_codes_apart(table):
    check_responses(table, ordinal=False)


def test_a_sample_is_drawn_until_every_pair_of_items_varies():
    useless, useful = np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]])
    samples = iter([useless, np.array([[1, -1], [-1, 1]]), useful])
    drawn, tries = drawn_until(lambda: next(samples), pairs_vary)
    assert tries == 2 and drawn is useful


@pytest.mark.parametrize("offset", [0, 1e8])
def test_pairs_vary_where_both_were_answered_not_where_one_was(offset):
    both = np.array([[1, 0], [2, 0], [2, 1], [np.nan, 1]]) + offset
    assert pairs_vary(both)
    both[2, 0] = np.nan  # who answered both gave one answer to the second
    assert not pairs_vary(both)
