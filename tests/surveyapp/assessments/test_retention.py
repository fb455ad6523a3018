"""Answers go after the months that were stated, contacts on their day, in the audit."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from sqlalchemy import func, select

from surveyapp.assessments import recontact, retention
from surveyapp.calendar import months_before
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.jobs import registry, worker
from surveyapp.models import (
    Answer,
    Assessment,
    AuditEvent,
    BackgroundAnswer,
    Comment,
    Consent,
    Contact,
    Invitation,
    Message,
    Reply,
    Respondent,
    RespondentSession,
    Score,
)

from ... import factories

SENT = datetime(2024, 2, 29, 12, tzinfo=UTC)
TWO_YEARS = datetime(2026, 3, 1, 12, tzinfo=UTC)
OF_A_PERSON = (
    Assessment,
    Answer,
    BackgroundAnswer,
    Comment,
    Consent,
    Respondent,
    RespondentSession,
    Score,
)


@pytest.fixture
def campaign(session):
    """One that states 24 months, and asks again."""
    made = factories.make_campaign(session, notices=[factories.notice(retention="24")])
    factories.make_wave(session, made)
    return made


def answered(session, campaign, sent=SENT, version=1, **given):
    """Somebody's answers with all that there can be beside them."""
    made = factories.make_assessment(
        session,
        campaign,
        submitted_at=sent,
        consents=[
            Consent(
                statement_id=name,
                statement_version=1,
                given=True,
                notice_version=version,
            )
            for name in ("consent_taking_part", "consent_retest")
        ],
        comments=[Comment(text="It helped")],
        background=[BackgroundAnswer(question_id="age_band", value="1")],
        **given,
    )
    made.record([Reply("parity_asked", 1, value=3)], now=factories.LONG_AGO)
    invitation = factories.make_invitation(session, campaign, token_hex(4))
    visit = {"secret_hash": token_hex(32), "expires_at": factories.LONG_AGO}
    session.add(RespondentSession(invitation=invitation, assessment=made, **visit))
    session.add(factories.make_score(made))
    session.commit()
    return made


def left(session, *kinds):
    return {
        k.__name__: session.scalar(select(func.count()).select_from(k)) for k in kinds
    }


@pytest.mark.parametrize(
    "now, months, before",
    [
        ((2026, 1, 31, 12), 14, (2024, 11, 30, 12)),
        ((2026, 3, 31, 12), 1, (2026, 2, 28, 13)),  # one o'clock on either day
        ((2026, 6, 30, 23), 1, (2026, 5, 31, 23)),  # July and June have begun there
    ],
)
def test_months_are_those_of_the_calendar_in_london(now, months, before):
    moments = [datetime(*at, tzinfo=UTC) for at in (now, before)]
    assert months_before(moments[0], months) == moments[1]


def test_answers_and_all_that_is_with_them_go_after_the_months_stated(
    app, session, campaign
):
    first = answered(session, campaign)
    with app.app_context():
        recontact.invite(session, first)
        session.commit()
        early = TWO_YEARS - timedelta(days=2)
        assert retention.delete_answers(session, now=early) == 0
        assert left(session, Assessment, Answer, Comment) == dict.fromkeys(
            ("Assessment", "Answer", "Comment"), 1
        )
        assert retention.delete_answers(session, now=TWO_YEARS) == 1
    assert set(left(session, *OF_A_PERSON).values()) == {0}
    back = select(Invitation).where(Invitation.respondent_id.is_not(None))
    assert session.scalars(back).all() == []
    event = session.scalars(select(AuditEvent)).one()
    assert (event.actor, event.action, event.detail) == (
        "system",
        "answers.expired",
        {"n": 1},
    )


def test_the_note_that_somebody_withdrew_goes_too(app, session, campaign):
    answered(session, campaign, sent=None, withdrawn_at=SENT)
    with app.app_context():
        assert retention.delete_answers(session, now=TWO_YEARS) == 1
    assert left(session, Consent)["Consent"] == 0


def test_who_answered_twice_keeps_a_name_until_the_last_answers_go(
    app, session, campaign
):
    first = answered(session, campaign)
    later = SENT + timedelta(days=30)
    answered(session, campaign, later, respondent=first.respondent, wave=2)
    with app.app_context():
        assert retention.delete_answers(session, now=TWO_YEARS) == 1
        assert left(session, Respondent)["Respondent"] == 1
        months_on = TWO_YEARS + timedelta(days=31)
        assert retention.delete_answers(session, now=months_on) == 1
    assert left(session, Respondent)["Respondent"] == 0


@pytest.mark.one_database
@pytest.mark.parametrize("stated, gone", [(["24", "60"], {1}), (["60", "24"], {1, 2})])
def test_nobody_is_kept_longer_than_what_they_had_read_or_what_is_stated_now(
    app, session, stated, gone
):
    notices = [factories.notice(retention=months) for months in stated]
    notices[1].version = 2
    campaign = factories.make_campaign(session, notices=notices)
    people = {n: answered(session, campaign, version=n).id for n in (1, 2)}
    with app.app_context():
        retention.delete_answers(session, now=TWO_YEARS)
    here = set(session.scalars(select(Assessment.id)))
    assert here == {people[n] for n in people if n not in gone}


@pytest.mark.one_database
def test_a_campaign_whose_notices_have_gaps_deletes_nothing(app, session):
    gaps = [factories.notice(retention="24", pals="")]
    campaign = factories.make_campaign(session, notices=gaps)
    answered(session, campaign, version=None)
    with app.app_context():
        assert retention.delete_answers(session, now=TWO_YEARS) == 0


def test_names_and_addresses_go_on_their_day_with_messages_still_to_go(app, session):
    campaign = factories.make_campaign(session)
    with app.app_context():
        days = {"Ada": SENT, "Bo": SENT + timedelta(days=2)}
        for name, day in days.items():
            kept = Contact(trust=campaign.trust, name=name, retain_until=day)
            to = factories.make_invitation(session, campaign, name, contact=kept)
            due = {"channel": "email", "template": "first", "idempotency_key": name}
            session.add(Message(invitation=to, **due))
        session.commit()
        assert retention.delete_contacts(session, now=SENT + timedelta(days=1)) == 1
        assert [c.name for c in session.scalars(select(Contact))] == ["Bo"]
    by_key = select(Message.idempotency_key, Message.status)
    assert dict(session.execute(by_key).all()) == {"Ada": "cancelled", "Bo": "due"}
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject) == (
        "contacts.expired",
        f"trust:{campaign.trust_id}",
    )


def asked_back(session, assessment):
    """The invitation to come back, with a message and a visit by it."""
    recontact.invite(session, assessment)
    back = recontact.invitation_of(session, assessment)
    due = {"channel": "email", "template": "retest", "idempotency_key": token_hex(4)}
    session.add(Message(invitation=back, **due))
    visit = {"secret_hash": token_hex(32), "expires_at": factories.LONG_AGO}
    session.add(RespondentSession(invitation=back, **visit))
    session.commit()
    return back.id


@pytest.mark.one_database
def test_what_is_of_somebody_else_stays_whole(app, session, campaign):
    every = (*OF_A_PERSON, Invitation, Message)
    with app.app_context():
        later = answered(session, campaign, TWO_YEARS - timedelta(days=1))
        stays = asked_back(session, later)
        before = left(session, *every)
        first = answered(session, campaign)
        goes = asked_back(session, first)
        came_by = select(func.count()).where(Invitation.respondent_id.is_(None))
        n_links = session.scalar(came_by)
        assert retention.delete_answers(session, now=TWO_YEARS) == 1
        assert session.get(Invitation, goes) is None
        assert session.get(Invitation, stays) is not None
        assert session.scalar(came_by) == n_links
    after = left(session, *every)
    assert after.pop("Invitation") == before.pop("Invitation") + 1  # the link itself
    assert after == before and min(before.values()) > 0


@pytest.mark.one_database
def test_the_months_of_one_campaign_are_not_those_of_another(app, session, campaign):
    stated = [factories.notice(retention="60")]
    other = factories.make_campaign(session, notices=stated)
    answered(session, campaign)
    answered(session, other)
    with app.app_context():
        assert retention.delete_answers(session, now=TWO_YEARS) == 1
    (kept,) = session.scalars(select(Assessment))
    assert kept.campaign_id == other.id


@pytest.mark.one_database
def test_who_read_no_notices_is_kept_as_those_say_that_stand_now(app, session):
    notices = [factories.notice(retention=months) for months in ("24", "60")]
    notices[1].version = 2
    campaign = factories.make_campaign(session, notices=notices)
    answered(session, campaign, version=None)
    factories.make_assessment(session, campaign, submitted_at=SENT, consents=[])
    session.commit()
    with app.app_context():
        assert retention.delete_answers(session, now=TWO_YEARS) == 0


MOMENT = timedelta(seconds=1)


@pytest.mark.one_database
def test_answers_go_in_the_moment_in_which_their_months_are_over(
    app, session, campaign
):
    at = SENT + timedelta(days=1)
    over = TWO_YEARS
    assert months_before(over, 24) == at
    answered(session, campaign, at)
    answered(session, campaign, sent=None, withdrawn_at=at)
    with app.app_context():
        assert retention.delete_answers(session, now=over - MOMENT) == 0
        assert retention.delete_answers(session, now=over) == 2
        session.rollback()  # what was done is kept
        assert retention.delete_answers(session, now=over) == 0


@pytest.mark.one_database
def test_answers_go_a_few_at_a_time_and_each_time_is_in_the_audit(
    app, session, campaign, monkeypatch
):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _ in range(5):
        answered(session, campaign)
    with app.app_context():
        assert retention.delete_answers(session, now=TWO_YEARS) == 5
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    counts = [event.detail["n"] for event in events]
    assert counts == [2, 2, 1] and left(session, Assessment)["Assessment"] == 0


@pytest.mark.one_database
def test_contacts_go_in_the_moment_of_their_day_trust_by_trust(
    app, session, monkeypatch
):
    monkeypatch.setattr(retention, "CONTACTS_AT_ONCE", 2)
    trusts = [factories.make_trust(session, name) for name in ("Eastmoor", "Westmoor")]
    for trust, n in zip(trusts, (3, 1)):
        for number in range(n):
            kept = {"name": f"{trust.name} {number}", "retain_until": SENT}
            session.add(Contact(trust=trust, **kept))
    session.commit()
    with app.app_context():
        assert retention.delete_contacts(session, now=SENT - MOMENT) == 0
        assert retention.delete_contacts(session, now=SENT) == 4
    session.rollback()  # what was done is kept
    assert left(session, Contact)["Contact"] == 0
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    told = [(event.subject, event.detail["n"]) for event in events]
    first, second = (f"trust:{trust.id}" for trust in trusts)
    assert told == [(first, 2), (first, 1), (second, 1)]


@pytest.mark.one_database
def test_it_is_done_every_night(app_with, session, campaign, monkeypatch):
    app = app_with()
    assert registry.RECURRING.pop("retention").at.hour == 3
    answered(session, campaign)
    session.add(Contact(trust=campaign.trust, name="Ada", retain_until=SENT))
    session.commit()
    monkeypatch.setattr(retention, "utc_now", lambda: TWO_YEARS)
    with app.app_context():
        db.session.rollback()
        registry.KINDS["retention"](session, None, None)
    assert {*left(session, Assessment, Contact).values()} == {0}
    assert "retention" in worker.KINDS and TWO_YEARS < utc_now()


def test_readings_of_a_form_that_nobody_settled_go_too(app, session, campaign):
    keyer = factories.make_staff(session, "keyer", campaign.trust)
    said = {"parity_asked": "3", "comment": "It helped"}
    of = {"stage": "second", "first": said, "begun_at": SENT}
    form = factories.make_keyed_form(session, keyer, campaign, **of)
    session.commit()
    with app.app_context():
        retention.delete_answers(session, now=TWO_YEARS - timedelta(days=2))
        assert form.first == said
        retention.delete_answers(session, now=TWO_YEARS)
    session.expire_all()
    assert (form.stage, form.first, form.settled_at) == ("removed", {}, TWO_YEARS)


@pytest.mark.one_database
def test_the_night_takes_what_was_deleted_out_of_the_log_too(app, session, campaign):
    session.commit()
    log = Path(app.config["PROM"].database_url.removeprefix("sqlite:///") + "-wal")
    assert log.stat().st_size > 0
    with app.app_context():
        retention.delete_what_has_had_its_time(session, None, None)
    assert log.stat().st_size == 0
