"""Whoever compares nights, pages and letters does not learn who has answered."""

import re

import pytest
from sqlalchemy import select

from surveyapp.assessments import reminders
from surveyapp.database import utc_now
from surveyapp.models import Invitation, InvitationToken

from ... import factories
from ..signing_in import sign_in
from .making import make_contact, make_message

pytestmark = pytest.mark.one_database


@pytest.fixture
def campaign(app, session, client):
    with app.app_context():
        made = factories.make_campaign(session, asks_contacts=True)
        sign_in(client, session, "coordinator", made.trust)
        yield made


def ask(session, campaign, n):
    """Invite people of the list, each by a letter that was posted."""
    messages = [
        make_message(
            session,
            make_contact(session, campaign, f"Person {k}"),
            campaign,
            **{"idempotency_key": f"letter-{k}", "channel": "print"},
            **{"carrier": "print", "status": "sent"},
        )
        for k in range(n)
    ]
    session.commit()
    return messages


def answer(session, messages):
    for message in messages:
        session.get(Invitation, message.invitation_id).status = "answered"
    session.commit()


def night(client, session, campaign):
    """What the list tells after a night: the names of those who need none."""
    reminders.note_who_needs_none(session, None, None)
    session.commit()
    session.expire_all()
    page = client.get(f"/campaigns/{campaign.id}/reminders/?which=settled").text
    file = client.get(f"/campaigns/{campaign.id}/reminders/reminders.csv").text
    told = {row.partition(",")[0] for row in file.splitlines() if row.endswith(",no")}
    assert told == {*re.findall(r">(Person \d+)<", page)}
    return told


def test_who_compares_two_nights_sees_ten_more_people_or_nobody(
    client, session, campaign, rng
):
    left, told = ask(session, campaign, 60), [set()]
    for _ in range(12):
        n = int(rng.integers(0, 7))
        answer(session, left[:n])
        left = left[n:]
        told.append(night(client, session, campaign))
    steps = [len(after - before) for before, after in zip(told, told[1:])]
    assert all(step == 0 or step >= reminders.LEAST_AT_ONCE for step in steps)
    assert 0 in steps and max(steps) > 0
    assert all(before <= after for before, after in zip(told, told[1:]))


def test_people_of_whom_staff_know_it_do_not_fill_up_the_ten(client, session, campaign):
    messages = ask(session, campaign, 12)
    for message in messages[:9]:
        message.invitation.contact.opted_out_at = utc_now()
    answer(session, messages[:10])
    known = {message.invitation.contact.name for message in messages[:9]}
    assert night(client, session, campaign) == known  # and not the tenth


def test_fewer_than_ten_people_are_never_told_apart_and_the_page_says_so(
    client, session, campaign
):
    answer(session, ask(session, campaign, 9))
    assert night(client, session, campaign) == set()
    page = client.get(f"/campaigns/{campaign.id}/reminders/").text
    assert "Of so few it is not told who has answered" in page


def test_a_letter_asked_for_anew_tells_nobody_that_its_reader_has_answered(
    client, session, campaign
):
    """Both are due again; the ways in of who answered stay, and no letter goes."""
    messages = ask(session, campaign, 2)
    for message in messages:
        session.add(
            InvitationToken(
                invitation_id=message.invitation_id,
                message_id=message.id,
                token_hash=f"hash-{message.id}",
            )
        )
    answer(session, messages[:1])
    outbox = f"/campaigns/{campaign.id}/outbox"
    replies = [client.post(f"{outbox}/{m.id}/anew") for m in messages]
    assert {(r.status_code, r.headers["Location"]) for r in replies} == {
        (303, f"{outbox}/?status=sent")
    }
    session.expire_all()
    assert {m.status for m in messages} == {"due"}
    tokens = session.scalars(select(InvitationToken).order_by(InvitationToken.id))
    assert [token.closed_at is None for token in tokens] == [True, False]


def test_what_a_page_tells_of_a_persons_messages_is_alike_for_who_was_reminded(
    client, session, campaign
):
    """Who was not reminded has answered: reminders are in the file for the person."""
    reminded, other = ask(session, campaign, 2)
    second = {"idempotency_key": "reminder", "step": 2, "status": "sent"}
    make_message(session, reminded.invitation.contact, campaign, **second)
    session.commit()

    def page_of(message):
        text = client.get(f"/contacts/person/{message.invitation.contact_id}").text
        return re.search(r"<caption[^>]*>Messages</caption>.*?</table>", text, re.S)[0]

    assert page_of(reminded) == page_of(other)
    address = f"/contacts/person/{reminded.invitation.contact_id}/held.json"
    assert len(client.get(address).get_json()["held"]["Messages"]) == 2
