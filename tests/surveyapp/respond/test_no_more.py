"""Saying that no more should come: one press, by link, code, mail or at the no."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from surveyapp.assessments import opt_out
from surveyapp.assessments.greetings import addressed
from surveyapp.database import utc_now
from surveyapp.links import check_character, code_hash, grouped, token_hash
from surveyapp.models import AuditEvent, Contact, Invitation, InvitationToken, Message

from ... import factories

pytestmark = pytest.mark.one_database
TOKEN, CODE = "t" * 32, "23456789" + check_character("23456789")


@pytest.fixture
def contact(app, session):
    """Somebody with a message that is due, and one of the same to another campaign."""
    with app.app_context():
        campaign = factories.make_campaign(session)
        kept = {"retain_until": utc_now() + timedelta(days=400)}
        contact = Contact(trust=campaign.trust, name="Ada", **kept)
        key = app.config["PROM"].derived_key("codes")
        hashes = {"token_hash": token_hash(TOKEN)}
        hashes["short_code_hash"] = code_hash(CODE, key)
        other = factories.make_campaign(session, team=campaign.teams[0])
        for number, (of, tokens) in enumerate(
            ((campaign, [InvitationToken(**hashes)]), (other, [])), start=1
        ):
            invitation = Invitation(campaign=of, contact=contact, tokens=tokens)
            due = {"channel": "email", "template": "", "content": "words"}
            session.add(
                Message(invitation=invitation, idempotency_key=f"{number}", **due)
            )
        session.commit()
        yield contact


def is_over(session, contact):
    """Whether nothing more can go, in either campaign."""
    session.expire_all()
    left = session.execute(select(Message.status, Message.content)).all()
    stopped = {tuple(row) for row in left} == {("cancelled", None)}
    return stopped and contact.opted_out_at is not None


def test_looking_at_the_link_changes_nothing(client, session, contact):
    for _ in range(2):
        page = client.get(f"/no-more/{TOKEN}")
        assert page.status_code == 200 and "<button" in page.text
    assert not is_over(session, contact)
    assert session.scalar(select(AuditEvent.id)) is None


def test_promise_who_said_no_more_gets_no_more(client, session, contact):
    done = client.post(f"/no-more/{TOKEN}")
    assert (done.status_code, done.location) == (303, "/no-more/done")
    assert client.get(done.location).status_code == 200
    assert is_over(session, contact)
    before = contact.opted_out_at
    client.post(f"/no-more/{TOKEN}")
    session.expire_all()
    assert contact.opted_out_at == before
    assert session.scalars(select(AuditEvent.action)).all() == ["contact.opted_out"]


def test_a_mail_program_stops_it_with_one_press_and_no_cookie(app, session, contact):
    press = {"List-Unsubscribe": "One-Click"}
    answer = app.test_client().post(f"/no-more/{TOKEN}", data=press)
    assert answer.status_code == 204
    assert is_over(session, contact)


def test_a_link_that_was_closed_still_stops_messages(client, session, contact):
    session.scalar(select(InvitationToken)).closed_at = utc_now()
    assert client.post(f"/no-more/{TOKEN}").status_code == 303
    assert is_over(session, contact)


def test_the_code_of_a_letter_stops_them_too(client, session, contact):
    sent = client.post("/no-more/", data={"code": grouped(CODE)})
    assert sent.status_code == 303
    assert is_over(session, contact)


@pytest.mark.parametrize("typed", ["", "ABC", "ABC-DEF-GHJ"])
def test_a_code_that_is_none_is_asked_for_again(client, session, contact, typed):
    page = client.post("/no-more/", data={"code": typed})
    assert page.status_code == 422 and "We do not know this code" in page.text
    assert not is_over(session, contact)


def test_an_unknown_link_and_a_posters_link_stop_nobody(client, session, contact):
    factories.make_invitation(session, token="o" * 32, is_open=True)
    for token in ("o" * 32, "x" * 32):
        assert client.get(f"/no-more/{token}").status_code == 404
        assert client.post(f"/no-more/{token}").status_code == 404


def test_without_a_list_the_invitation_is_closed(app, session):
    with app.app_context():
        invitation = factories.make_invitation(session)
        opt_out.opt_out(session, invitation, now=utc_now())
        assert invitation.status == "cancelled"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Dear Mr Moor,", "Mr Moor"),
        ("dear Dear Ada", "Ada"),
        ("Mr Mr Moor", "Mr Moor"),
        ("MRS ADA MOOR", "Mrs Ada Moor"),
        ("  Ada   Moor ", "Ada Moor"),
        ("Dearden", "Dearden"),
        ("Ada McMoor", "Ada McMoor"),
    ],
)
def test_nobody_is_addressed_twice(cell, expected):
    assert addressed(cell) == expected
