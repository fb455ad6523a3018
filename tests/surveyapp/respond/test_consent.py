"""Consent, one row a statement, and whose experience it is."""

import pytest
from sqlalchemy import func, select

from surveyapp import bank
from surveyapp.models import Assessment, Consent, Invitation

from ...factories import make_invitation, make_wave
from .visitor import Visitor

pytestmark = pytest.mark.any_database


def assessments(session):
    return session.scalars(select(Assessment).order_by(Assessment.id)).all()


def test_each_statement_is_stored_apart_with_its_version(visitor, session, campaign):
    make_wave(session, campaign)
    visitor.open_link()
    visitor.consent(retest="no", sharing="yes")
    given = {
        c.statement_id: (c.statement_version, c.given, c.notice_version)
        for c in session.scalars(select(Consent))
    }
    assert given == {
        "consent_taking_part": (1, True, 1),
        "consent_retest": (2, False, 1),
        "consent_sharing": (2, True, 1),
    }


def test_nothing_is_chosen_beforehand(visitor):
    visitor.open_link()
    visitor.get("/survey/consent")
    assert " checked" not in visitor.page


def test_a_no_to_taking_part_keeps_nothing(visitor, session):
    visitor.open_link()
    visitor.consent(taking_part="no")
    assert visitor.path == "/survey/disagree"
    assert assessments(session) == []


def test_a_statement_without_an_answer_is_asked_again_and_the_rest_is_kept(visitor):
    visitor.open_link()
    visitor.get("/survey/consent")
    response = visitor.post(consent_taking_part="yes")
    assert response.status_code == 422
    assert visitor.page.count('href="#consent_') == 1
    assert 'name="consent_taking_part" type="radio" value="yes" checked' in visitor.page


@pytest.mark.parametrize("role", ["service_user", "carer"])
def test_the_role_decides_which_instrument_is_given(visitor, session, role):
    visitor.begin(role)
    (assessment,) = assessments(session)
    assert assessment.instrument == f"short_{role}.v1"


def test_a_role_that_the_campaign_does_not_ask_is_refused(visitor):
    visitor.open_link()
    visitor.consent()
    assert visitor.post(role="professional").status_code == 422


def test_the_role_stands_once_there_are_answers(visitor, session):
    visitor.begin("carer")
    visitor.get("/survey/1")
    visitor.post(parity_asked="1")
    visitor.get("/survey/role")
    visitor.post(role="service_user")
    (assessment,) = assessments(session)
    assert assessment.perspective == "carer"


def test_two_devices_with_one_personal_link_begin_two_that_never_meet(
    client, session, campaign, another_device
):
    make_invitation(session, campaign, "mine")
    here = Visitor(client)
    here.open_link("mine")
    another_device.open_link("mine")
    here.consent()
    another_device.consent()
    begun = assessments(session)
    assert len({each.respondent_id for each in begun}) == len(begun) == 2
    status = session.scalar(select(Invitation.status))
    assert status == "started"


def test_an_invitation_for_carers_does_not_ask_who_one_is(client, session, campaign):
    make_invitation(session, campaign, "mine", perspective="carer")
    visitor = Visitor(client)
    visitor.open_link("mine")
    visitor.consent()
    assert visitor.path == "/survey/before-you-start"
    assert assessments(session)[0].perspective == "carer"


def test_whoever_is_both_answers_again_as_the_same_respondent(visitor, session):
    visitor.begin("carer")
    visitor.submit()
    visitor.post("/survey/again", role="service_user")
    assert visitor.path == "/survey/before-you-start"
    first, second = assessments(session)
    assert first.respondent_id == second.respondent_id
    assert second.instrument == "short_service_user.v1"
    assert session.scalar(select(func.count()).select_from(Consent)) == 4


def test_every_statement_of_consent_is_shown_in_the_words_of_the_bank(visitor):
    visitor.open_link()
    visitor.get("/survey/consent")
    for ref in ("consent_taking_part.v1", "consent_sharing.v2"):
        assert bank.document(ref).body in visitor.page


def test_the_summary_says_which_statement_was_left_out(visitor):
    visitor.open_link()
    visitor.get("/survey/consent")
    assert visitor.post(consent_taking_part="yes").status_code == 422
    assert "Choose yes or no (statement 2 of 2)" in visitor.page
    assert "statement 1 of 2" not in visitor.page
