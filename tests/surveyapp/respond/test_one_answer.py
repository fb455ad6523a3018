"""What one answer costs: few files to read for who follows it, and one journey."""

import sys
from collections import Counter
from pathlib import Path

import pytest

import surveyapp
from surveyapp.assessments import journey

pytestmark = pytest.mark.any_database

HOME = Path(surveyapp.__file__).parent
# Where somebody who follows an answer has to look; what stands around every request
# (headers, logs, sign-in, the database's types) is the same for all pages.
OF_AN_ANSWER = ("respond", "assessments", "paper", "campaigns", "tracking", "models")
ALONE = {"bank.py", "wording.py", "scoring.py", "links.py", "throttle.py"}
EVERY_PAGE = {"respond/about_views.py", "links.py"}  # unknown addresses; the cookie


def calls_while(act):
    """(file, function) of every call into the app while `act()` runs, counted."""
    calls = Counter()

    def count(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(f"{HOME}/"):
            calls[str(Path(code.co_filename).relative_to(HOME)), code.co_name] += 1

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls


def answer(visitor, **given):
    """Send the answer on the page that is open, without following where it leads."""
    visitor.get(visitor.path)
    responses = []
    calls = calls_while(lambda: responses.append(visitor.send(follow=False, **given)))
    assert responses[0].status_code == 303
    return calls


def journeys(calls):
    return calls["assessments/journey.py", journey.journey_of.__name__]


def test_an_answer_is_followed_through_twelve_files_at_most(visitor):
    visitor.begin().get("/survey/1")
    files = {file for file, _ in answer(visitor, parity_asked="4")} - EVERY_PAGE
    entered = {f for f in files if f.startswith(OF_AN_ANSWER) or f in ALONE}
    assert len(entered) <= 12, sorted(entered)


def test_an_answer_builds_the_journey_once(visitor):
    visitor.begin().get("/survey/1")
    assert journeys(answer(visitor, parity_asked="4")) == 1
    visitor.get("/survey/1?from=check")
    assert journeys(answer(visitor, parity_asked="3")) == 1


def test_a_page_that_is_shown_builds_the_journey_once(visitor):
    visitor.begin()
    assert journeys(calls_while(lambda: visitor.get("/survey/2"))) == 1


def test_an_adaptive_form_builds_it_again_for_the_item_that_was_chosen(chooser):
    chooser.begin()
    chooser.get("/survey/1")
    assert journeys(answer(chooser, **{chooser.item: "2"})) == 2
