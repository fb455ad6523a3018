"""The app's own words are as easy to read as an item has to be."""

import html
import re

import pytest

from item_bank.readability import LIMIT, readability

from ...factories import days_pass, make_wave
from .test_recontact import come_back, token_of

pytestmark = pytest.mark.one_database

PAGES = ["/", "/s/a-token", "/withdraw", "/finished", "/display/", "/survey/1"]
PAGES += ["/about/help-now", "/about/cookies", "/about/privacy", "/about/accessibility"]
PAGES += ["/nothing-here"]
WITHIN = ["information", "role", "before-you-start", "pause-1", "more-1"]
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


@pytest.fixture
def texts_for_who_comes_back(app, session, campaign, visitor):
    make_wave(session, campaign)
    visitor.begin()
    visitor.submit()
    token, found = token_of(visitor), {"done": own_words(visitor.page)}
    visitor.get(f"/s/{token}")
    found["too early"] = own_words(visitor.page)
    days_pass(session, 15)
    visitor.get("/survey/done")
    found["open now"] = own_words(visitor.page)
    again = come_back(app, token)
    again.get("/survey/since-last-time")
    found["since last time"] = own_words(again.page)
    again.get("/withdraw")
    again.post(mine="yes")
    found["which to withdraw"] = own_words(again.page)
    days_pass(session, 99)
    return found


def test_every_page_can_be_read_at_the_age_of_eleven(texts):
    grades = {path: readability(text).grade for path, text in texts.items()}
    assert {p: round(g, 1) for p, g in grades.items() if g > LIMIT} == {}


def test_coming_back_can_be_read_at_the_age_of_eleven(texts_for_who_comes_back):
    texts = texts_for_who_comes_back
    grades = {page: readability(text).grade for page, text in texts.items()}
    assert {p: round(g, 1) for p, g in grades.items() if g > LIMIT} == {}
    assert len(set(texts.values())) == 5
