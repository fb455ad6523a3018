"""What a withdrawal takes along, what it leaves to others, and that it is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from surveyapp.assessments import withdrawal
from surveyapp.models import Answer, Assessment, AuditEvent

from ... import factories

pytestmark = pytest.mark.one_database
SENT = factories.LONG_AGO
NOW, LATER = SENT + timedelta(days=30), SENT + timedelta(days=40)
KEYED = {"first": {"answers": {"a": 1}}, "note": "A note"}


@pytest.fixture
def campaign(app, session):
    made = factories.make_campaign(session)
    with app.app_context():  # where codes are derived
        yield made


@pytest.fixture
def hers(session, campaign):
    """One person's answers by time and role, beside those of somebody else."""
    first = factories.make_assessment(session, campaign, submitted_at=SENT)

    def again(perspective="service_user", **given):
        known = {"respondent": first.respondent, "submitted_at": SENT}
        return factories.make_assessment(
            session, campaign, perspective, **known | given
        )

    made = {
        "first": first,
        "begun twice": again(duplicate_number=2),
        "as carer": again("carer"),
        "second": again(wave=2),
        "second as carer": again("carer", wave=2, submitted_at=None),
        "gone": again(wave=3, withdrawn_at=SENT),
    }
    factories.make_assessment(session, campaign, "carer", wave=2, submitted_at=SENT)
    session.commit()
    return made


@pytest.mark.parametrize(
    "asked, expected",
    [
        ("first", ["as carer", "second", "second as carer"]),
        ("as carer", ["first", "begun twice", "second", "second as carer"]),
        ("second", ["second as carer"]),
        ("second as carer", ["second"]),
    ],
)
def test_a_code_reaches_the_other_role_and_later_times_of_the_same_person(
    session, hers, asked, expected
):
    found = withdrawal.others(session, hers[asked])
    assert found == [hers[name] for name in expected]


def withdrawn(session):
    """Answers that were withdrawn now, as they are kept."""
    session.rollback()
    session.expire_all()
    return set(session.scalars(select(Assessment).filter_by(withdrawn_at=NOW)))


def noted(session):
    return session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()


def test_everything_is_withdrawn_where_that_was_asked_and_else_one_time(session, hers):
    withdrawal.withdraw(session, hers["second"].id, now=NOW)
    assert withdrawn(session) == {hers["second"]}
    withdrawal.withdraw(session, hers["first"].id, now=NOW, everything=True)
    expected = ["first", "as carer", "second", "second as carer"]
    assert withdrawn(session) == {hers[name] for name in expected}
    assert noted(session) == ["assessment.withdrawn"] * len(expected)
    for each in expected:
        withdrawal.withdraw(session, hers[each].id, now=LATER)
    assert len(withdrawn(session)) == len(noted(session)) == len(expected)
    assert hers["gone"].withdrawn_at == SENT


def test_nothing_of_what_was_said_stays(session, campaign):
    said = {"care_plan": "no", "wants_plan": "yes", "assisted_by": "carer"}
    mine = factories.make_assessment(
        session, campaign, **said, presentation={"item_order": ["a"]}
    )
    known = {"item_version": 1, "version": 1, "source": "web", "answered_at": SENT}
    mine.answers.append(Answer(item_id="a", value=1, **known))
    session.commit()
    withdrawal.withdraw(session, mine.id, now=NOW)
    assert withdrawn(session) == {mine}
    assert [getattr(mine, name) for name in said] == [None] * 3
    assert (mine.answers, mine.presentation) == ([], {})


def test_who_sent_by_the_same_letter_counts_once_the_other_has_withdrawn(
    session, campaign
):
    letter = factories.make_invitation(session, campaign)
    first, second = (
        factories.make_assessment(
            session, campaign, invitation=letter, submitted_at=SENT, **given
        )
        for given in ({}, {"duplicate_number": 2})
    )
    session.commit()
    withdrawal.withdraw(session, first.id, now=NOW)
    assert withdrawn(session) == {first}
    assert second.duplicate_number is None


@pytest.mark.parametrize("is_open", [True, False])
def test_a_letter_is_closed_with_what_was_keyed_of_it_and_a_poster_is_not(
    session, campaign, is_open
):
    keyer = factories.make_staff(session, trust=campaign.trust)
    way, other = (
        factories.make_invitation(session, campaign, token, is_open=is_open)
        for token in "ab"
    )
    of_it, beside = (
        factories.make_keyed_form(session, keyer, campaign, invitation=each, **KEYED)
        for each in (way, other)
    )
    mine = factories.make_assessment(session, campaign, invitation=way)
    session.commit()
    withdrawal.withdraw(session, mine.id, now=NOW)
    assert withdrawn(session) == {mine}
    assert way.status == ("made" if is_open else "withdrawn")
    assert (of_it.stage, of_it.note) == (
        ("first", "A note") if is_open else ("removed", "")
    )
    assert (other.status, beside.stage) == ("made", "first")


def test_paper_is_refused_once_and_nothing_else_by_its_code(session, campaign):
    keyer = factories.make_staff(session, trust=campaign.trust)
    letter, other = (factories.make_invitation(session, campaign, t) for t in "ab")
    mine = factories.make_assessment(
        session, campaign, invitation=letter, submitted_at=SENT
    )

    def keyed(invitation):
        return factories.make_keyed_form(
            session, keyer, campaign, invitation=invitation, **KEYED
        )

    form, beside = keyed(letter), keyed(other)
    session.commit()
    withdrawal.withdraw_paper(session, letter.id, now=NOW)
    session.rollback()
    assert (letter.status, other.status) == ("withdrawn", "made")
    assert (form.stage, form.settled_at, form.first) == ("removed", NOW, {})
    assert (beside.stage, beside.note) == ("first", "A note")
    assert mine.withdrawn_at is None
    withdrawal.withdraw_paper(session, letter.id, now=LATER)
    assert noted(session) == ["invitation.withdrawn"]
