"""The outbox: never twice, never after a stop, and what nobody knows is shown."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from surveyapp.errors import InvalidAnswers
from surveyapp.extensions import db
from surveyapp.links import token_hash
from surveyapp.messaging import outbox
from surveyapp.messaging.carriers import NotKnown, TryLater
from surveyapp.models import (
    Invitation,
    InvitationToken,
    Message,
    Suppression,
)
from surveyapp.models.contact import ContactKey

from ... import factories
from .making import (
    MONDAY,
    Recorder,
    make_contact,
    make_message,
    make_plan,
    nobody_there,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def campaign(app, session):
    with app.app_context():
        yield factories.make_campaign(session)


@pytest.fixture
def contact(session, campaign):
    return make_contact(session, campaign)


@pytest.fixture
def message(session, campaign, contact):
    made = make_message(session, contact, campaign)
    session.commit()
    return made


def send(session, carrier, now=MONDAY):
    return outbox.send_due(session, {"smtp": carrier}, clock=lambda: now)


def stands(session, message):
    session.expire_all()
    return session.get(Message, message.id).status


def test_a_message_carries_a_way_in_of_its_own_and_forgets_it_once_sent(
    session, message
):
    carrier = Recorder()
    assert send(session, carrier) == 1
    [envelope] = carrier.got
    session.expire_all()
    [token] = session.scalars(select(InvitationToken).filter_by(message_id=message.id))
    assert token.token_hash == token_hash(envelope.content["token"])
    assert envelope.content["token"] in envelope.content["text"]
    assert envelope.content["text"].startswith("Dear Ada Moor,")
    assert (message.status, message.content) == ("sent", None)
    assert message.sent_at == MONDAY and message.provider_reference == "reference-1"
    assert message.invitation.status == "sent"
    assert send(session, carrier) == 0


def test_what_is_to_be_sent_is_unreadable_in_the_database(session, message):
    carrier = Recorder(TryLater("away"))
    send(session, carrier)
    kept = session.scalar(text("SELECT content FROM message"))
    assert b"Ada Moor" not in bytes(kept) and b"example.org" not in bytes(kept)
    send(session, carrier, MONDAY + MINUTE)
    assert session.scalar(text("SELECT content FROM message")) is None


def test_of_two_workers_one_sends(session, message):
    with Session(db.engine) as other:
        first = outbox.claim(session, message.id, now=MONDAY)
        second = outbox.claim(other, message.id, now=MONDAY)
    assert first.message_id == message.id and second is None


def test_a_worker_that_ends_between_sending_and_noting_leaves_it_uncertain(
    session, message
):
    carrier = Recorder()
    carrier.send(outbox.claim(session, message.id, now=MONDAY))  # and is killed here
    soon, later = MONDAY + MINUTE, MONDAY + HOUR
    assert outbox.find_cut_off(session, {"smtp": carrier}, now=soon) == 0
    assert outbox.find_cut_off(session, {"smtp": carrier}, now=later) == 1
    assert stands(session, message) == "uncertain"
    assert send(session, carrier, later) == 0 and len(carrier.got) == 1


@pytest.mark.parametrize(("was_taken", "status"), [(True, "sent"), (False, "due")])
def test_a_carrier_that_knows_settles_what_was_cut_off(
    session, message, was_taken, status
):
    carrier = Recorder(was_taken=was_taken)
    outbox.claim(session, message.id, now=MONDAY)
    outbox.find_cut_off(session, {"smtp": carrier}, now=MONDAY + HOUR)
    assert stands(session, message) == status


@pytest.mark.parametrize(("went", "n_sent"), [(True, 0), (False, 1)])
def test_a_person_settles_an_uncertain_message_once(session, message, went, n_sent):
    carrier = Recorder(NotKnown("lost"))
    send(session, carrier)
    assert stands(session, message) == "uncertain"
    outbox.settle(session, message, went, actor="staff:1", now=MONDAY)
    with pytest.raises(InvalidAnswers):
        outbox.settle(session, message, went, actor="staff:1", now=MONDAY)
    assert send(session, carrier) == n_sent
    assert stands(session, message) == "sent" and message.content is None


def test_a_worker_that_comes_late_does_not_undo_what_a_person_settled(session, message):
    claimed = outbox.claim(session, message.id, now=MONDAY)
    outbox.find_cut_off(session, {}, now=MONDAY + HOUR)
    outbox.settle(session, message, False, actor="staff:1", now=MONDAY)
    assert outbox.note(session, claimed, status="sent", now=MONDAY) is None
    assert stands(session, message) == "due"


def test_what_cannot_go_now_waits_longer_each_time_and_is_given_up_in_sight(
    session, message
):
    carrier, waits, now = Recorder(*[TryLater("away")] * outbox.ROUND), [], MONDAY
    while stands(session, message) == "due":
        waits.append(message.due_at - now)
        now = message.due_at
        send(session, carrier, now)
    assert waits[1:] == [*outbox.BACK_OFF]
    assert message.status == "failed" and "6 tries: away" in message.failure
    outbox.try_again(session, message, actor="staff:1", now=now)
    assert send(session, carrier, now) == 1 and stands(session, message) == "sent"


def stop_by_answer(session, message):
    message.invitation.status = "answered"


def stop_by_withdrawal(session, message):
    message.invitation.status = "withdrawn"


def stop_by_cancelling(session, message):
    message.invitation.status = "cancelled"


def stop_by_opting_out(session, message):
    message.invitation.contact.opted_out_at = MONDAY


def stop_by_paper(session, message):
    keyer = factories.make_staff(session)
    form = factories.make_keyed_form(session, keyer, message.invitation.campaign)
    form.invitation_id = message.invitation_id


def stop_by_death(session, message):
    contact = message.invitation.contact
    session.add(ContactKey(contact_id=contact.id, digest="d" * 8, kind="nhs"))
    listed = {"kind": "deceased", "digest": "d" * 8, "as_of": MONDAY.date()}
    session.add(Suppression(trust_id=contact.trust_id, **listed))


def stop_by_time(session, message):
    message.invitation.contact.retain_until = MONDAY - timedelta(days=1)


def stop_by_deletion(session, message):
    session.delete(message.invitation.contact)


def stop_by_end(session, message):
    message.invitation.campaign.closes_at = MONDAY


def stop_by_undeliverable(session, message):
    contact, campaign = message.invitation.contact, message.invitation.campaign
    before = {"status": "failed", "is_undeliverable": True, "idempotency_key": "before"}
    make_message(session, contact, campaign, **before)


def stop_by_an_address_taken_out(session, message):
    message.invitation.contact.email = None


@pytest.mark.parametrize(
    "stop", [f for name, f in sorted(globals().items()) if name.startswith("stop_by")]
)
def test_nothing_goes_after_a_stop(session, message, stop):
    carrier = Recorder(TryLater("away"))
    send(session, carrier)  # its words lie ready
    stop(session, message)
    session.commit()
    assert send(session, carrier, MONDAY + HOUR) == 0 and carrier.got == []
    assert stands(session, message) == "cancelled" and message.content is None
    assert message.failure


@pytest.mark.one_database
def test_what_is_tried_again_goes_to_the_address_that_was_put_right(
    session, message, contact
):
    carrier, tried = Recorder(), []
    send(session, Away(tried))
    contact.email, contact.name = "ada.moor@example.org", "Ada Moore"
    session.commit()
    assert send(session, carrier, MONDAY + HOUR) == 1
    [[before], [after]] = tried, carrier.got
    assert (before.content["to"], after.content["to"]) == (
        "ada@example.org",
        contact.email,
    )
    assert after.content["text"].startswith("Dear Ada Moore,")
    assert after.content["token"] == before.content["token"]
    assert before.content["token"] in after.content["text"]


class Away:
    """A carrier that can be tried later, and keeps what it was asked to take."""

    def __init__(self, tried):
        self.tried = tried

    def send(self, envelope):
        self.tried.append(envelope)
        raise TryLater("away")


def test_an_address_where_nobody_is_stops_that_channel_alone(
    session, campaign, contact
):
    by_mail = make_message(session, contact, campaign)
    by_text = make_message(
        session, contact, campaign, channel="sms", idempotency_key="text"
    )
    session.commit()
    carrier = Recorder(nobody_there())
    assert send(session, carrier) == 1
    assert stands(session, by_mail) == "failed" and by_mail.is_undeliverable
    assert stands(session, by_text) == "sent"


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        (MONDAY.replace(hour=7, minute=30), False),  # half past eight in London
        (MONDAY.replace(hour=8), True),
        (MONDAY.replace(hour=17), False),
        (MONDAY.replace(day=6), False),  # a Saturday
        (MONDAY.replace(month=5, day=25), False),  # a bank holiday
    ],
)
def test_messages_go_in_the_plans_hours_on_working_days(
    session, campaign, message, now, goes
):
    make_plan(session, campaign)
    message.due_at = MONDAY - timedelta(days=20)
    session.commit()
    carrier = Recorder()
    assert send(session, carrier, now) == goes
    assert stands(session, message) == ("sent" if goes else "due")
    assert goes or message.due_at > now


def test_a_paused_plan_holds_what_is_due_back_and_cancels_nothing(
    session, campaign, message
):
    plan = make_plan(session, campaign, paused_at=MONDAY)
    session.commit()
    carrier = Recorder()
    assert send(session, carrier) == 0 and stands(session, message) == "due"
    plan.paused_at = None
    session.commit()
    assert send(session, carrier, MONDAY + HOUR) == 1


def test_deleting_a_contact_leaves_nothing_of_them_in_the_outbox(session, message):
    from surveyapp.assessments import retention

    send(session, Recorder(NotKnown("lost")))
    contact = message.invitation.contact
    contact.retain_until = MONDAY
    session.commit()
    retention.delete_contacts(session, now=MONDAY)
    assert stands(session, message) == "uncertain" and message.content is None
    assert session.scalar(select(Invitation.contact_id)) is None


def test_who_is_asked_no_more_holds_up_nobody_else(session, app):
    form = {"service_user": "short_service_user.v1"}
    with app.app_context():
        campaign = factories.make_campaign(session, instruments=form)
        corrected, other = [make_contact(session, campaign) for _ in range(2)]
        first = make_message(session, corrected, campaign)
        make_message(session, other, campaign)
        corrected.perspective = "carer"
        session.commit()
        assert send(session, Recorder()) == 1
        assert stands(session, first) == "cancelled"
        assert first.failure == "not_asked"


def test_a_test_that_failed_is_not_sent_again_with_nothing_in_it(session, campaign):
    of = {"channel": "email", "carrier": "smtp", "template": "usual", "due_at": MONDAY}
    tried = Message(campaign_id=campaign.id, idempotency_key="test.1", **of)
    tried.content = json.dumps({"to": "me@trust.example", "text": "", "subject": ""})
    session.add(tried)
    session.commit()
    send(session, Recorder(nobody_there()))
    assert (stands(session, tried), tried.content) == ("failed", None)
    with pytest.raises(InvalidAnswers, match="ask for another"):
        outbox.try_again(session, tried, actor="staff:1", now=MONDAY)
