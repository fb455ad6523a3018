"""What was agreed to can be changed later, by the personal code, with what follows."""

import pytest
from sqlalchemy import select

from surveyapp.assessments import consent, queries, recontact
from surveyapp.assessments.notices import Reader
from surveyapp.bank import instrument
from surveyapp.database import utc_now
from surveyapp.models import AuditEvent, Consent, Contact, Invitation, Message

from ...factories import LONG_AGO, make_assessment, make_invitation, make_wave
from ..people import comments_for_leads

pytestmark = pytest.mark.any_database

ADDRESS = "/survey/agreed"


def said(session):
    session.rollback()
    return {c.statement_id: c.given for c in session.scalars(select(Consent))}


def test_a_code_opens_what_was_agreed_to_and_changes_it_for_exports(
    visitor, another_device, session, campaign
):
    visitor.begin()
    visitor.submit()
    another_device.go_on_with(visitor.receipt)
    assert ADDRESS in another_device.page
    asked = (session, campaign, "service_user")
    assert len(queries.submitted(*asked, only_shared=True)) == 1
    another_device.get(ADDRESS)
    assert "checked" in another_device.page
    assert "consent_taking_part" not in another_device.page
    another_device.post(consent_sharing="no")
    assert "They count from now on" in another_device.page
    assert said(session) == {"consent_taking_part": True, "consent_sharing": False}
    assert queries.submitted(*asked, only_shared=True) == []
    event = session.scalars(
        select(AuditEvent).filter_by(action="consent.changed")
    ).one()
    assert (event.actor, event.detail) == ("respondent", {"n": 1})


@pytest.mark.one_database
def test_a_change_is_kept_with_the_notices_that_stand_now(visitor, session):
    visitor.begin()
    visitor.get(ADDRESS)
    visitor.post(consent_sharing="no")
    kept = session.scalars(select(Consent).filter_by(statement_id="consent_sharing"))
    (changed,) = kept
    assert (changed.statement_version, changed.notice_version) == (2, 1)


def test_who_wants_to_be_asked_again_only_now_is_invited_and_not_once_they_refuse(
    visitor, session, campaign
):
    make_wave(session, campaign)
    visitor.open_link()
    visitor.consent(retest="no")
    visitor.post(role="service_user")
    visitor.submit()
    asked_again = select(Invitation).where(Invitation.respondent_id.is_not(None))
    assert session.scalars(asked_again).all() == []
    visitor.get(ADDRESS)
    visitor.post(consent_retest="yes")
    session.rollback()
    assert len(session.scalars(asked_again).all()) == 1
    visitor.get("/survey/done")
    assert "Your code for next time" in visitor.page
    visitor.get(ADDRESS)
    visitor.post(consent_retest="no")
    visitor.get("/survey/done")
    assert "Your code for next time" not in visitor.page


@pytest.mark.one_database
def test_who_may_read_a_comment_is_asked_where_there_is_one(visitor, session, campaign):
    visitor.begin()
    visitor.get(ADDRESS)
    assert "consent_comment" not in visitor.page
    visitor.get("/survey/comment")
    visitor.post(comment="They listened", consent_comment="yes")
    visitor.submit()
    assert comments_for_leads(session, campaign) == ["They listened"]
    visitor.get(ADDRESS)
    visitor.post(consent_comment="no")
    assert comments_for_leads(session, campaign) == []


@pytest.mark.one_database
def test_nobody_opens_it_before_consent_or_after_withdrawing(visitor):
    visitor.open_link()
    visitor.get(ADDRESS)
    assert visitor.path == "/survey/information"
    visitor.consent()
    visitor.post(role="service_user")
    visitor.get("/withdraw")
    visitor.post(mine="yes")
    assert visitor.get(ADDRESS).status_code == 403


@pytest.mark.one_database
def test_what_is_no_answer_changes_nothing(visitor, session):
    visitor.begin()
    visitor.get(ADDRESS)
    assert visitor.post(consent_sharing="perhaps").status_code == 422
    visitor.post(consent_taking_part="no")
    assert said(session) == {"consent_taking_part": True, "consent_sharing": True}


@pytest.fixture
def contacted(app, session, campaign):
    """Somebody the trust wrote to, who agreed to be asked again and contacted."""
    wave = make_wave(session, campaign)
    with app.app_context():  # where names are locked
        kept = Contact(trust=campaign.trust, name="Ada", retain_until=utc_now())
        came_by = make_invitation(session, campaign, "written", contact=kept)
        agreed = ("taking_part", "retest", "contact", "sharing")
        first = make_assessment(
            session,
            campaign,
            submitted_at=LONG_AGO,
            invitation=came_by,
            consents=[yes(name) for name in agreed],
        )
        recontact.invite(session, first)
        session.commit()
        yield first, kept, wave


def yes(name):
    return Consent(statement_id=f"consent_{name}", statement_version=1, given=True)


def changed(session, assessment, **said):
    """The invitation to come back, after the person has said something else."""
    form = instrument(assessment.instrument)
    asked = consent.changeable(session, assessment, form, Reader("service_user"))
    given = {f"consent_{name}": answer for name, answer in said.items()}
    assert {*given} <= {statement.id for statement in asked}
    consent.change(session, assessment.id, asked, given, now=utc_now())
    return recontact.invitation_of(session, assessment)


def test_a_contact_is_used_only_while_the_person_wants_it(session, contacted):
    first, kept, _ = contacted
    due = {"channel": "email", "template": "retest", "idempotency_key": "once"}
    back = recontact.invitation_of(session, first)
    message = Message(invitation=back, **due)
    session.add(message)
    session.commit()
    assert changed(session, first, contact="no").contact is None
    session.refresh(message)
    assert message.status == "cancelled"
    assert changed(session, first, contact="yes").contact is kept


@pytest.mark.one_database
def test_who_changed_their_mind_at_a_later_time_can_be_written_to_once_more(
    session, contacted
):
    first, kept, wave = contacted
    later = make_assessment(
        session,
        first.campaign,
        respondent=first.respondent,
        wave=wave.number,
        submitted_at=LONG_AGO,
        invitation=recontact.invitation_of(session, first),
        consents=[yes("taking_part")],
    )
    assert changed(session, later, retest="no").contact is None
    assert changed(session, later, retest="yes", contact="yes").contact is kept
