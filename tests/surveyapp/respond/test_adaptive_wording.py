"""The words around an adaptive form are as easy to read as the rest."""

import pytest

from item_bank.readability import LIMIT, readability

from .test_wording import own_words

pytestmark = pytest.mark.any_database


def test_the_pages_of_an_adaptive_form_can_be_read_at_the_age_of_eleven(chooser):
    chooser.begin()
    texts = {}
    for n in range(6):
        chooser.answer(4 * (n % 2))
    for page in ("before-you-start", "all-questions", "pause-1", "1"):
        chooser.get(f"/survey/{page}")
        texts[page] = own_words(chooser.page)
    assert "At most" in texts["before-you-start"]
    assert "See all" in texts["1"] and "at most" in texts["pause-1"]
    grades = {page: readability(text).grade for page, text in texts.items()}
    assert {p: round(g, 1) for p, g in grades.items() if g > LIMIT} == {}
