"""The form's own words are as easy to read as an item has to be."""

import re

import pytest

from item_bank.readability import LIMIT, readability
from surveyapp.paper.form_texts import WORDS, words_of

SENTENCES = [name for name, text in WORDS.items() if text.endswith((".", "?", ":"))]
NUMBERS = re.compile(r"%\(\w+\)s|\b[\d-]+\b")


@pytest.mark.parametrize("is_easy", [False, True])
def test_every_sentence_can_be_read_at_the_age_of_eleven(is_easy):
    words = words_of("en", is_easy=is_easy)
    grades = {
        name: round(readability(NUMBERS.sub("1", words[name])).grade, 1)
        for name in SENTENCES
    }
    assert {name: g for name, g in grades.items() if g > LIMIT} == {}


def test_places_for_values_survive_in_every_language():
    for language in ("en", "en-XA", "ar-XB"):
        for name, text in words_of(language).items():
            held = sorted(re.findall(r"%\(\w+\)s", WORDS[name]))
            assert sorted(re.findall(r"%\(\w+\)s", text)) == held, (language, name)


def test_a_language_that_nobody_translated_to_stays_english():
    assert words_of("tlh") == words_of("en")
