"""The two grade formulas, the syllable rule, and the list of easy words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from item_bank.readability import is_easy, readability, syllables

COUNTED = {
    "staff": 1,
    "listened": 2,
    "asked": 1,
    "wanted": 2,
    "physical": 3,
    "agreed": 2,
    "people": 2,
    "little": 2,
    "changes": 2,
    "places": 2,
    "services": 3,
    "medicine": 2,
    "disability": 5,
    "information": 4,
    "together": 3,
    "worried": 2,
    "side-effect": 3,
    "carer's": 2,
}


@pytest.mark.parametrize("word, number", COUNTED.items())
def test_syllables_are_counted_as_they_are_said(word, number):
    assert syllables(word) == number


def test_grades_follow_their_formulas():
    text = "Staff listened when I talked about my health."  # 8 words, 10 syllables
    measured = readability(text)
    letters = len("StafflistenedwhenItalkedaboutmyhealth")
    assert measured.flesch_kincaid == pytest.approx(0.39 * 8 + 11.8 * 10 / 8 - 15.59)
    assert measured.automated == pytest.approx(4.71 * letters / 8 + 0.5 * 8 - 21.43)
    assert measured.grade == max(measured.flesch_kincaid, measured.automated)


def test_longer_sentences_are_harder():
    short = readability("I saw the plan. I saw the nurse.")
    long = readability("I saw the plan when I saw the nurse.")
    assert long.grade > short.grade


def test_words_off_the_list_are_shown_once_each():
    measured = readability("Parity of esteem needs parity.")
    assert measured.hard_words == ("parity", "esteem")


@pytest.mark.parametrize("word", ["planned", "Asking", "bodies", "carer's", "clearly"])
def test_forms_of_easy_words_are_easy(word):
    assert is_easy(word)


def test_a_text_without_words_is_refused():
    with pytest.raises(ValueError, match="without a word"):
        readability("... 12")


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz'-", min_size=1, max_size=15))
def test_every_word_has_at_least_one_syllable(word):
    assert syllables(word) >= 1
