"""The app's own words are as easy to read as an item has to be."""

import html
import re

import pytest

from item_bank.readability import LIMIT, readability

PAGES = ["/", "/s/a-token", "/withdraw", "/finished", "/display/", "/survey/1"]
PAGES += ["/about/help-now", "/about/cookies"]
WITHIN = ["information", "role", "before-you-start", "pause-1", "extra", "helped"]
WITHIN += ["comment", "check", "stop", "disagree"]
MAIN = re.compile(r"<main.*?</main>", re.S)
NOT_READ = re.compile(r"<details.*?</details>|<(dl|button|legend).*?</\1>", re.S)
ENDS = re.compile(r"</(p|li|h1|h2|h3|dd|dt|legend|label|div)>")
# A street number, a web form or a law is not a sentence.
NUMBERS = re.compile(r"\b[\d-]+\b")


def own_words(page):
    """The text of a page without what comes from the bank, a line a sentence."""
    text = NOT_READ.sub(" ", MAIN.search(page)[0])
    text = re.sub(r"<[^>]+>", " ", ENDS.sub(".\n", text))
    text = NUMBERS.sub("", html.unescape(text))
    return re.sub(r"\s+", " ", re.sub(r"([.?!:])\s*\.", r"\1 ", text))


@pytest.fixture
def texts(visitor):
    found = {}
    for path in PAGES:
        visitor.get(path)
        found[path] = own_words(visitor.page)
    visitor.begin()
    for path in WITHIN:
        visitor.get(f"/survey/{path}")
        found[path] = own_words(visitor.page)
    visitor.submit()
    return {**found, "done": own_words(visitor.page)}


def test_every_page_can_be_read_at_the_age_of_eleven(texts):
    grades = {path: readability(text).grade for path, text in texts.items()}
    assert {p: round(g, 1) for p, g in grades.items() if g > LIMIT} == {}
