"""Which pages a visit opens, and when, written a second time by hand."""

from types import SimpleNamespace

import pytest

from surveyapp import bank
from surveyapp.respond import access_rules

FORM = "short_service_user.v1"
OPENS = {
    "begin": {"", "stop", "information", "for-whom", "not-for-you", "consent"}
    | {"disagree"},
    "role": {"", "stop", "information", "role", "device", "agreed"},
    "answer": {"", "stop", "information", "role", "device", "agreed", "submit"}
    | {"square.svg", "square.png", "code.txt", "<int:page>", "check", "comment"},
    "done": {"", "stop", "submit", "done", "again", "return", "device", "agreed"}
    | {"square.svg", "square.png", "code.txt"},
}
PAGES = {*access_rules.OPEN_TO}.union(*OPENS.values())


def visit(stage):
    """A visit that has come so far."""
    if stage == "begin":
        return SimpleNamespace(assessment=None)
    required = [s.id for s in bank.instrument(FORM).statements if s.required]
    assessment = SimpleNamespace(
        instrument=FORM,
        consents=[SimpleNamespace(statement_id=s, given=True) for s in required],
        submitted_at="then" if stage == "done" else None,
        position="role" if stage == "role" else "item:parity_asked",
    )
    return SimpleNamespace(assessment=assessment)


@pytest.mark.parametrize("stage", OPENS)
def test_a_stage_opens_what_is_written_here_and_nothing_else(stage):
    opened = {page for page in PAGES if access_rules.is_open(page, visit(stage))}
    assert opened == OPENS[stage]


def test_who_has_not_agreed_to_all_that_is_needed_is_at_the_beginning():
    for change in ({"given": False}, {"statement_id": "another"}):
        here = visit("answer")
        vars(here.assessment.consents[0]).update(change)
        assert access_rules.stage(here) == "begin"


@pytest.mark.parametrize("stage", ["begin", "role", "done"])
def test_each_stage_before_and_after_the_questions_has_a_page_of_its_own(stage):
    home = {"begin": "information", "role": "role", "done": "done"}[stage]
    assert access_rules.HOMES[stage] == home and home in OPENS[stage]
