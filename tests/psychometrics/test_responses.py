"""What the input gate lets through, and what it says when it does not."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import InvalidResponses, check_responses


def table(**columns):
    return pd.DataFrame(columns)


GOOD = {"a": [1, 2, 3, 2], "b": [2, 2, 1, 3]}


def test_codes_start_at_zero_and_missing_is_minus_one():
    checked = check_responses(table(a=[3, 5, np.nan, 4], b=[1, 1, 2, 2]))
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
