"""Withdrawal at any time answered: what the page promises is what happens."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from surveyapp.assessments import consent, withdrawal
from surveyapp.assessments.withdrawal import withdraw
from surveyapp.database import utc_now
from surveyapp.errors import AssessmentClosed
from surveyapp.models import (
    Answer,
    Assessment,
    AuditEvent,
    BackgroundAnswer,
    Consent,
    Invitation,
    Message,
    ReleasedFigure,
    Score,
)
from surveyapp.tracking.nightly_release import release_trust
from surveyapp.tracking.rounding import Draws

from ...factories import (
    LONG_AGO,
    days_pass,
    make_assessment,
    make_invitation,
    make_score,
    make_wave,
)
from .test_recontact import come_back, token_of
from .visitor import Visitor


@pytest.fixture
def both_times(app, session, campaign, visitor):
    """The page of thanks of someone's second time, and the first receipt."""
    make_wave(session, campaign)
    visitor.begin()
    visitor.get("/survey/1")
    visitor.post(parity_asked="3")
    visitor.submit()
    days_pass(session, 15)
    again = come_back(app, token_of(visitor))
    again.get("/survey/since-last-time")
    again.post(stability="no")
    again.get("/survey/1")
    again.post(parity_asked="2")
    again.submit()
    return again, visitor.receipt


def standing(session):
    session.rollback()
    standing = select(Assessment.wave).where(Assessment.withdrawn_at.is_(None))
    return sorted(session.scalars(standing))


def test_who_answered_twice_is_asked_which_and_nothing_is_deleted_yet(
    both_times, session
):
    again, first_receipt = both_times
    again.get("/withdraw")
    again.post(receipt=first_receipt)
    assert "Which answers do you want to withdraw?" in again.page
    assert "as: “I use, or have used, mental health services.”" in again.page
    assert standing(session) == [1, 2]


@pytest.mark.parametrize("which, left", [("all", []), ("these", [2])])
def test_a_first_receipt_withdraws_both_times_or_the_first(
    both_times, session, which, left
):
    again, first_receipt = both_times
    again.get("/withdraw")
    again.post(receipt=first_receipt)
    again.post(receipt=first_receipt, which=which)
    assert again.path == "/withdrawn"
    assert standing(session) == left
    assert len(session.scalars(select(Answer)).all()) == len(left)
    assert {s.assessment.wave for s in session.scalars(select(Score))} == set(left)


@pytest.mark.parametrize("which", [{}, {"which": "all"}])
def test_the_second_time_can_be_withdrawn_and_never_takes_the_first_along(
    both_times, session, which
):
    again, _ = both_times
    again.get("/withdraw")
    again.post(mine="yes", **which)
    assert again.path == "/withdrawn"
    assert standing(session) == [1]
    assert session.scalars(select(BackgroundAnswer)).all() == []


def test_each_withdrawal_is_in_the_audit(both_times, session):
    again, first_receipt = both_times
    again.get("/withdraw")
    again.post(receipt=first_receipt, which="all")
    events = session.scalars(select(AuditEvent.action)).all()
    assert events == ["assessment.withdrawn"] * 2


def test_who_withdrew_is_not_asked_again(app, session, campaign, visitor):
    make_wave(session, campaign)
    visitor.begin()
    visitor.submit()
    token = token_of(visitor)
    session.rollback()
    back = session.scalars(select(Invitation).where(Invitation.respondent_id > 0)).one()
    due = {"channel": "email", "template": "retest", "idempotency_key": "once"}
    session.add(Message(invitation_id=back.id, **due))
    session.commit()
    visitor.get("/withdraw")
    visitor.post(mine="yes")
    days_pass(session, 15)
    assert Visitor(app.test_client()).get(f"/s/{token}").status_code == 410
    session.rollback()
    assert session.scalar(select(Message.status)) == "cancelled"


def test_an_open_consent_page_of_someone_who_withdrew_begins_nothing(
    app, session, campaign, visitor
):
    make_wave(session, campaign)
    visitor.begin()
    visitor.submit()
    token, receipt = token_of(visitor), visitor.receipt
    days_pass(session, 15)
    other = Visitor(app.test_client())
    other.open_link(token)
    other.get("/survey/consent")
    visitor.get("/withdraw")
    visitor.post(receipt=receipt)
    assert other.get("/survey/consent").status_code == 403
    assert standing(session) == []


def test_what_stays_is_the_consent_and_that_there_were_answers(visitor, session):
    visitor.begin()
    visitor.get("/survey/comment")
    visitor.post(helped="staff")
    visitor.submit()
    visitor.get("/withdraw")
    visitor.post(mine="yes")
    kept = session.scalars(select(Assessment)).one()
    assert (kept.assisted_by, kept.care_plan, kept.presentation) == (None, None, {})
    assert len(session.scalars(select(Consent)).all()) == 2


def test_the_page_says_by_when_safety_copies_are_gone(app_with):
    page = Visitor(app_with(backup_days=35).test_client())
    page.get("/withdraw")
    assert "written over within 35 days" in page.page


def test_a_released_figure_stays_and_says_that_someone_left(app, session, campaign):
    people = []
    for n in range(10):
        sent = {"submitted_at": LONG_AGO + timedelta(days=2)}
        people.append(make_assessment(session, campaign, **sent))
        session.add(make_score(people[-1], value=10.0 * (n % 3)))
    session.commit()
    night = {"now": LONG_AGO + timedelta(days=200), "draws": Draws("a key")}
    release_trust(session, campaign.trust_id, **night)
    (figure,) = session.scalars(select(ReleasedFigure)).all()
    before = figure.n, figure.value
    with app.app_context():
        withdraw(session, people[0].id, now=utc_now())
    release_trust(session, campaign.trust_id, **night)
    (after,) = session.scalars(select(ReleasedFigure)).all()
    assert (after.n, after.value) == before
    assert session.get(Assessment, people[0].id).released_group_id == after.group_id


def test_a_code_reaches_the_other_perspective_and_later_times_and_nothing_else(session):
    mine = make_assessment(session, wave=2)
    same = {"campaign": mine.campaign, "respondent": mine.respondent}
    make_assessment(session, **same, wave=2)  # begun once more by the same link
    make_assessment(session, **same, wave=1)
    make_assessment(session, mine.campaign, wave=2)  # of somebody else
    make_assessment(session, **same, wave=3, withdrawn_at=LONG_AGO)
    carer = make_assessment(session, **same, perspective="carer", wave=2)
    later = make_assessment(session, **same, wave=3)
    assert list(withdrawal.others(session, mine)) == [carer, later]


def test_nothing_is_agreed_to_anew_once_it_is_withdrawn(app, session):
    gone = make_assessment(session, withdrawn_at=LONG_AGO)
    with pytest.raises(AssessmentClosed):
        consent.change(session, gone.id, (), {}, now=LONG_AGO)


def test_what_was_said_to_one_statement_is_not_said_to_another(session):
    assessment = make_assessment(session)
    for statement, given in (("contact", True), ("retest", False)):
        kept = Consent(statement_id=statement, statement_version=1, given=given)
        kept.at = LONG_AGO
        assessment.consents.append(kept)
    agreed = [consent.has_agreed(assessment, s) for s in ("contact", "retest", "else")]
    assert agreed == [True, False, False]


@pytest.mark.parametrize("is_open", [True, False])
def test_withdrawing_closes_ones_own_link_and_never_that_of_many(app, session, is_open):
    link = make_invitation(session, is_open=is_open)
    mine = make_assessment(session, link.campaign, invitation=link)
    session.commit()
    with app.app_context():
        withdraw(session, mine.id, now=utc_now())
    session.refresh(link)
    assert (link.status == "withdrawn") is not is_open
