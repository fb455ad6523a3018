"""How the pages look is the person's choice, and stays with the assessment."""

import pytest
from sqlalchemy import select

from surveyapp.models import Answer, Assessment

from ...factories import make_invitation
from .visitor import Visitor

pytestmark = pytest.mark.one_database

LARGE = {"size": "large", "colours": "dark", "per_page": "3"}


def test_the_choice_is_seen_at_once_and_leads_back(visitor):
    visitor.begin()
    visitor.get("/display/?back=/survey/4")
    visitor.post(**LARGE)
    assert visitor.path == "/survey/2"  # where the fourth question is now
    assert 'class="app-size-large app-colours-dark"' in visitor.page
    assert "Questions 4 to 5 of 30" in visitor.page


def test_a_choice_before_consent_is_kept_with_the_assessment(visitor, session):
    visitor.open_link()
    visitor.get("/display/?back=/survey/information")
    visitor.post(**LARGE)
    visitor.consent()
    assert session.scalar(select(Assessment.presentation)) == LARGE


def test_the_choice_comes_along_to_another_device(
    client, session, campaign, another_device
):
    make_invitation(session, campaign, "mine")
    visitor = Visitor(client).begin(token="mine")
    visitor.get("/display/")
    visitor.post(**LARGE)
    another_device.go_on_with(visitor.code)
    assert "app-size-large" in another_device.page


def test_clearing_the_device_takes_the_choice_away(visitor):
    visitor.begin()
    visitor.get("/display/")
    visitor.post(**LARGE)
    visitor.get("/survey/stop")
    visitor.post("/finish")
    assert "app-size-large" not in visitor.page


@pytest.mark.parametrize("back", ["https://far.example/", "//far.example", "/staff/"])
def test_the_way_back_never_leaves_the_survey(visitor, back):
    visitor.begin()
    visitor.get(f"/display/?back={back}")
    visitor.post(**LARGE)
    assert visitor.path == "/"


def test_an_unknown_choice_is_refused(visitor):
    visitor.get("/display/")
    assert visitor.post(size="huge").status_code == 422


@pytest.mark.parametrize(
    "before, sent_from, after, answers, leads_to",
    [
        ("1", 8, "3", {"coordination_who_does_what": "3"}, None),
        ("1", 20, "3", {"trust_contact": "3"}, None),
        ("12", 1, "1", {"parity_asked": "3", "parity_cared_as_much": "2"}, "/survey/3"),
    ],
)
def test_a_page_laid_out_anew_in_another_tab_loses_no_answer(
    visitor, session, before, sent_from, after, answers, leads_to
):
    visitor.begin()
    for per_page in (before, after):
        visitor.get("/display/")
        visitor.post(**LARGE | {"per_page": per_page})
    visitor.get("/survey/1")
    visitor.post(f"/survey/{sent_from}", asked="yes", **answers)
    stored = {a.item_id: str(a.value) for a in session.scalars(select(Answer))}
    assert stored == answers
    assert leads_to in (None, visitor.path)
