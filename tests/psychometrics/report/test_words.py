"""Ranges, changes and p are written as a reader expects them."""

import pandas as pd

from psychometrics.report import words


def test_a_range_has_two_ends_and_one_value_none():
    alpha = pd.Series({"A": 0.604, "B": 0.81})
    assert words.span(alpha) == "from 0.60 to 0.81"
    assert words.named_span(alpha) == "from 0.60 (A) to 0.81 (B)"
    assert words.span(alpha[:1]) == "0.60"
    assert words.named_span(alpha[:1]) == "0.60 (A)"
    alike = pd.Series({"q1": 33.33, "q2": 33.34})
    assert words.named_span(alike, 1, " %") == "33.3 % for each"


def test_a_change_of_nought_has_no_sign():
    assert [words.change(v) for v in (0.0132, -0.0081, -0.0001, 0.0)] == [
        "+0.013",
        "-0.008",
        "0.000",
        "0.000",
    ]


def test_p_is_written_without_a_nought_before_the_point():
    assert words.probability(0.1494) == "p = .149"
    assert words.probability(0.0004) == "p < .001"
    assert words.probability(1.0) == "p = 1.000"


def test_none_of_several_is_said_in_a_word():
    assert words.share_of(0, 12, "item") == "none of 12 items"
    assert words.share_of(1, 1, "pair") == "1 of 1 pair"


def test_a_p_value_shows_on_which_side_of_its_level_it_lies():
    assert words.probability(0.04996, 0.05) == "p = .04996"
    assert words.probability(0.1493, 0.05) == "p = .149"
    assert words.probability(0.0004, 0.05) == "p < .001"
