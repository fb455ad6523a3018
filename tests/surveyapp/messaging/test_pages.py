"""The coordinator's way: a plan, its words, the outbox, letters to post."""

import csv
import io
import re
import zlib

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.jobs import registry
from surveyapp.links import read_code, token_hash
from surveyapp.messaging import mailings, own_box
from surveyapp.messaging import outbox as outbox_
from surveyapp.models import (
    AuditEvent,
    Invitation,
    InvitationToken,
    Job,
    Mailing,
    Message,
    MessagePlan,
    PrintedCopy,
    RoleGrant,
    StaffUser,
)

from ... import factories
from ..signing_in import sign_in
from .making import Recorder, make_contact, make_message, make_plan

pytestmark = pytest.mark.one_database


@pytest.fixture
def campaign(app, session, client):
    with app.app_context():
        campaign = factories.make_campaign(
            session, return_address="Freepost", contact="01632 960008"
        )
        sign_in(client, session, "coordinator", campaign.trust)
        yield campaign


@pytest.fixture
def pages(campaign):
    return f"/campaigns/{campaign.id}/messages"


@pytest.fixture
def outbox(campaign):
    return f"/campaigns/{campaign.id}/outbox"


def done(session):
    session.expire_all()
    return session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()


def test_a_plan_is_made_looked_at_begun_and_paused(client, session, campaign, pages):
    make_contact(session, campaign)
    assert "There is no plan yet" in client.get(f"{pages}/").text
    assert client.post(f"{pages}/").location == f"{pages}/"
    plan = {"starts_on": utc_now().date().isoformat(), "from_hour": 0}
    plan |= {"until_hour": 24, "on_weekends": "on", "most": 3, "within_days": 30}
    plan |= {"days-1": 0, "channel-1": "email", "days-2": 9, "channel-2": "print"}
    wrong = client.post(f"{pages}/plan", data=plan | {"most": "many"})
    assert wrong.status_code == 422 and "from 1 to 20" in wrong.text
    assert 'value="many"' in wrong.text
    assert client.post(f"{pages}/plan", data=plan | {"form-2": "on"}).status_code == 303
    client.post(f"{pages}/begin")
    shown = client.get(f"{pages}/").text
    assert "Running" in shown and "1 person" in shown and "<svg" in shown
    client.post(f"{pages}/pause")
    assert "Paused" in client.get(f"{pages}/").text
    session.expire_all()
    steps = session.scalar(select(MessagePlan)).steps
    assert [(s.after_days, s.channel, s.has_form) for s in steps] == [
        (0, "email", False),
        (9, "print", True),
    ]


def test_words_are_shown_for_a_real_person_and_kept_as_versions(
    client, session, campaign, pages
):
    make_contact(session, campaign, name="Dear Mr Moor")
    address = f"{pages}/words/first/email/en"
    page = client.get(address).text
    assert "Dear Mr Moor," in page and "Dear Dear" not in page
    assert "the list of people in our care" in page and "up to" in page
    assert "The usual words" in page and "Reading grade" in page
    own = "{greeting}\n\nHello.\n{link}\n\n{opt_out}"
    lacking = client.post(address, data={"subject": "A", "body": "{greeting} {link}"})
    assert lacking.status_code == 422 and "Put in {opt_out}" in lacking.text
    unknown = client.post(address, data={"subject": "A", "body": own + " {name}"})
    assert "There is no place {name}" in unknown.text
    assert client.post(address, data={"subject": "A", "body": own}).location == address
    client.post(address, data={"subject": "B", "body": own})
    assert "Your own words" in client.get(address).text
    kept = session.execute(text("SELECT version, subject FROM message_text")).all()
    assert [tuple(row) for row in kept] == [(1, "A"), (2, "B")]


def test_somebody_says_that_the_message_was_read(client, session, campaign, pages):
    make_contact(session, campaign)
    address = f"{pages}/words/first/email/en"
    assert "I have read this message" in client.get(address).text
    assert client.post(f"{pages}/seen").status_code == 303
    session.expire_all()
    assert (
        campaign.test_message_seen_at and "I have read" not in client.get(address).text
    )
    assert done(session)[-1] == "message_text.seen"


def test_the_usual_words_are_easy_to_read_and_a_text_is_short(
    client, session, campaign, pages
):
    from surveyapp.messaging import composing, texts

    contact = make_contact(session, campaign)
    for (kind, channel), (subject, body) in texts.USUAL.items():
        words = texts.Words("", subject, body)
        said = composing.example(campaign, contact, words, channel)
        assert texts.grade_of(said["text"])[0] <= texts.LIMIT, (kind, channel)
        assert not texts.PLACE.findall(said["text"])
        if channel == "sms":
            assert len(said["text"]) <= texts.LONGEST["sms"]
        assert not texts.problems_of(channel, subject, body)


def test_a_line_whose_place_is_empty_is_left_out(session, campaign):
    from surveyapp.messaging import texts

    assert texts.filled("A\nBefore {closes}.\nB", {"closes": ""}) == "A\nB"


def test_an_uncertain_message_is_shown_with_its_name_and_settled_once(
    client, session, campaign, outbox
):
    contact = make_contact(session, campaign)
    message = make_message(session, contact, campaign, status="uncertain")
    session.commit()
    shown = client.get(f"{outbox}/?status=uncertain").text
    assert "Ada Moor" in shown and "It went" in shown
    assert client.post(f"{outbox}/{message.id}/went").status_code == 303
    assert client.post(f"{outbox}/{message.id}/not").status_code == 422
    session.expire_all()
    assert message.status == "sent" and done(session)[-1] == "message.went"
    client.post(f"{outbox}/{message.id}/back")
    client.post(f"{outbox}/{message.id}/again")
    session.expire_all()
    assert message.status == "due" and not message.is_undeliverable
    client.post(f"{outbox}/cancel")
    session.expire_all()
    assert message.status == "cancelled"
    assert done(session)[-3:] == [
        "message.came_back",
        "message.sent_again",
        "messages.cancelled",
    ]


def due_letter(session, campaign, name="Ada Moor", number=1, carrier="print", **given):
    contact = make_contact(session, campaign, name=name, **given)
    printed = {"channel": "print", "carrier": carrier, "due_at": factories.LONG_AGO}
    printed["idempotency_key"] = f"key-{number}"
    return make_message(session, contact, campaign, **printed)


def make_it(client, session, outbox, carrier):
    """Have a mailing made, as a worker would; its page."""
    sent = client.post(f"{outbox}/mailings", data={"carrier": carrier})
    job = session.scalar(select(Job).order_by(Job.id.desc()))
    registry.KINDS[job.name](session, job, lambda *_: None)
    job.status = "done"
    session.commit()
    db.session.remove()  # what an earlier request saw
    return sent.location


def test_letters_are_made_once_had_again_and_posted(client, session, campaign, outbox):
    first = due_letter(session, campaign, "Dear Mr Moor")
    second = due_letter(session, campaign, "Bo Hill", 2)
    opted = due_letter(session, campaign, "Cy Dale", 3, opted_out_at=utc_now())
    page = make_it(client, session, outbox, "print")
    assert (
        client.post(f"{outbox}/mailings", data={"carrier": "print"}).status_code == 422
    )
    pdf = client.get(f"{page}/1").data
    said = "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages)
    assert "Dear Mr Moor" in said and "Dear Dear" not in said and "1-2" in said
    assert "no-more" in said and "Cy Dale" not in said
    assert pdf == client.get(f"{page}/1").data
    codes = re.findall(r"\b([2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{3})\b", said)
    assert len({*codes}) >= 2
    second.invitation.status = "answered"
    db.session.remove()
    assert "Take these out" in client.get(page).text
    assert client.post(f"{page}/posted").status_code == 303
    assert client.post(f"{page}/posted").status_code == 422
    session.expire_all()
    found = [(m.status, m.content) for m in (first, second, opted)]
    assert found == [("sent", None), ("cancelled", None), ("cancelled", None)]
    assert first.invitation.status == "sent"
    assert client.get(f"{page}/1").status_code == 404
    assert session.scalar(text("SELECT count(*) FROM mailing_file")) == 0
    assert done(session).count("mailing.downloaded") == 2


def test_a_letter_with_a_form_makes_the_forms_code_that_of_the_invitation(
    client, session, campaign, outbox
):
    message = due_letter(session, campaign)
    message.has_form = True
    page = make_it(client, session, outbox, "print")
    reader = PdfReader(io.BytesIO(client.get(f"{page}/1").data))
    session.expire_all()
    assert len(reader.pages) > 4 and message.invitation.paper_code_hash
    assert session.scalar(select(PrintedCopy)).invitation_id == message.invitation_id


def test_a_mailing_that_is_given_up_closes_its_codes_and_is_made_anew(
    client, session, campaign, outbox
):
    message = due_letter(session, campaign)
    page = make_it(client, session, outbox, "print")
    old = session.scalar(select(InvitationToken))
    client.post(f"{page}/given-up")
    session.expire_all()
    assert old.closed_at and (message.status, message.content) == ("due", None)
    again = make_it(client, session, outbox, "print")
    assert again != page
    open_ones = select(InvitationToken).where(InvitationToken.closed_at.is_(None))
    assert session.scalars(open_ones).one().message_id == message.id


def test_a_letter_lost_in_the_post_is_printed_anew_and_its_codes_close(
    client, session, campaign, outbox
):
    message = due_letter(session, campaign)
    page = make_it(client, session, outbox, "print")
    client.post(f"{page}/posted")
    assert "print it anew" in client.get(f"{outbox}/?status=sent").text
    client.post(f"{outbox}/{message.id}/anew")
    session.expire_all()
    old = session.scalars(select(InvitationToken)).one()
    assert old.closed_at and (message.status, message.mailing_id) == ("due", None)
    again = make_it(client, session, outbox, "print")
    assert again != page and client.get(f"{again}/1").status_code == 200
    assert "message.printed_anew" in done(session)
    message.status, message.channel = "sent", "email"
    session.commit()
    db.session.remove()  # what an earlier request saw
    assert client.post(f"{outbox}/{message.id}/anew").status_code == 422


def test_a_letter_to_who_needs_none_is_not_printed_anew_and_its_codes_stay(
    client, session, campaign, outbox
):
    message = due_letter(session, campaign)
    client.post(f"{make_it(client, session, outbox, 'print')}/posted")
    session.expire_all()
    message.invitation.status = "answered"
    message.invitation.needs_no_reminder = True
    session.commit()
    refused = client.post(f"{outbox}/{message.id}/anew")
    assert refused.status_code == 422 and "needs no more messages" in refused.text
    session.expire_all()
    assert message.status == "sent"
    assert session.scalars(select(InvitationToken.closed_at)).one() is None


def test_a_test_message_goes_to_the_askers_own_box_and_opens_nothing(
    app, client, session, campaign, pages, monkeypatch
):
    make_contact(session, campaign)
    address = f"{pages}/words/first/email/en"
    assert client.post(f"{address}/test").status_code == 422  # no mail server
    monkeypatch.setattr(own_box, "carrier_here", lambda: "smtp")
    assert "Send it to my own box" in client.get(address).text
    assert client.post(f"{address}/test").status_code == 303
    message, post = session.scalars(select(Message)).one(), Recorder()
    assert outbox_.send_due(session, {"smtp": post}) == 1
    (sent,) = post.got
    user = session.scalars(select(StaffUser)).one()
    assert sent.content["to"] == user.email and "opt_out" not in sent.content
    assert session.scalar(select(InvitationToken.id)) is None
    session.refresh(message)
    assert (message.status, message.content) == ("sent", None)


@pytest.mark.parametrize("status", ["failed", "sent", "delivered"])
def test_a_test_is_offered_nothing_that_it_refuses(
    client, session, campaign, outbox, status
):
    of = {"channel": "email", "carrier": "smtp", "template": "usual"}
    test = Message(campaign=campaign, idempotency_key="test.1", status=status, **of)
    session.add(test)
    session.commit()
    shown = client.get(f"{outbox}/?status={status}").text
    assert f"{outbox}/{test.id}/" not in shown
    assert ("Ask for another test" in shown) is (status == "failed")


def test_the_file_for_a_mailing_house_has_a_row_a_person_and_is_encrypted(
    client, session, campaign, outbox
):
    due_letter(session, campaign, "=Ada Moor", carrier="file")
    page = make_it(client, session, outbox, "file")
    raw = client.get(f"{page}/1").data.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(raw))
    assert row["address_1"] == "'=Ada Moor" and row["address_4"] == "SW1A 1AA"
    token = row["link"].rpartition("/")[2]
    by_token = InvitationToken.invitation_by(session, token_hash=token_hash(token))
    assert by_token == session.scalar(select(Invitation)) and read_code(row["code"])
    kept = session.scalar(text("SELECT content FROM mailing_file"))
    assert b"Ada Moor" not in bytes(kept) and not _unpacked(bytes(kept))


def _unpacked(raw):
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return None


def test_making_goes_on_where_it_was_cut_off(session, campaign, monkeypatch):
    monkeypatch.setattr(mailings, "IN_A_FILE", 1)
    for number in (1, 2, 3):
        due_letter(session, campaign, f"Person {number}", number, carrier="file")
    session.commit()
    staff = factories.make_staff(session)
    made = mailings.ask_for(session, campaign, "file", asked_by=staff.id, now=utc_now())

    def is_cut_off(name, done, total):
        if name == "files" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mailings.make(session, made.job, is_cut_off)
    session.rollback()
    mailings.make(session, made.job, lambda *_: None)
    session.commit()
    session.expire_all()
    assert [file.number for file in made.files] == [1, 2, 3]
    assert session.scalar(text("SELECT count(*) FROM invitation_token")) == 3
    assert session.get(Mailing, made.id).stage == "made"


@pytest.fixture
def told(app_with, session, campaign):
    """Sends what Notify would tell of a message that was sent."""
    message = make_message(
        session, make_contact(session, campaign), campaign, status="sent"
    )
    session.commit()
    token = "d8b3fd7c-5e0c-44a3-9a4f-5b3c3f6f5a31"
    browser = app_with(notify_callback_token=token).test_client()

    def tell(status, bearer=token, reference=message.idempotency_key):
        sent = browser.post(
            "/api/notify/status",
            json={"reference": reference, "status": status, "to": "ada@example.org"},
            headers={"Authorization": f"Bearer {bearer}"},
        )
        session.commit()
        return sent.status_code, message.status, message.is_undeliverable

    return tell


def test_notify_says_that_a_message_was_delivered(told):
    assert told("delivered") == (204, "delivered", False)
    assert told("temporary-failure") == (204, "delivered", False)


def test_notify_says_that_nobody_is_there(told):
    assert told("permanent-failure") == (204, "failed", True)


def test_who_has_not_the_token_tells_nothing(told, client):
    assert told("delivered", bearer="wrong") == (403, "sent", False)
    assert told("delivered", reference="unknown") == (204, "sent", False)
    assert client.post("/api/notify/status", json={}).status_code == 403


def test_a_plan_of_another_campaign_is_not_touched(client, session, campaign, outbox):
    other = factories.make_campaign(session, team=campaign.teams[0])
    message = make_message(session, make_contact(session, other), other)
    make_plan(session, other)
    assert client.post(f"{outbox}/{message.id}/went").status_code == 404
    client.post(f"{outbox}/cancel")
    session.expire_all()
    assert session.scalar(select(Message.status)) == "due"


def test_why_a_message_is_stopped_tells_of_nobody_that_they_answered(
    client, session, campaign
):
    answered, said_no = (due_letter(session, campaign, number=n) for n in (1, 2))
    session.commit()
    outbox = f"/campaigns/{campaign.id}/outbox/"
    page = make_it(client, session, outbox.rstrip("/"), "print")
    answered.invitation.status = "answered"
    said_no.invitation.contact.opted_out_at = utc_now()
    session.commit()
    whys = re.findall(r"<li>1-\d: ([^<]+)</li>", client.get(page).text)
    assert len(whys) == 2 and len({*whys}) == 1
    for message, why in ((answered, "answered"), (said_no, "opted_out")):
        message.status, message.failure = "cancelled", why
    session.commit()
    db.session.remove()
    text = client.get(f"{outbox}?status=cancelled").text
    assert text.count(whys[0]) == 2 and "Has answered" not in text


@pytest.mark.parametrize("is_of_one_team", [False, True])
def test_names_of_who_needs_no_reminder_lead_where_their_reader_may_go(
    client, session, is_of_one_team
):
    campaign = factories.make_campaign(session)
    user = sign_in(client, session, "coordinator", campaign.trust)
    make_contact(session, campaign, preferences={"mode": "telephone"})
    if is_of_one_team:
        team = {"trust": campaign.trust, "team": campaign.teams[0]}
        user.grants = [RoleGrant(role="coordinator", **team)]
    session.commit()
    page = client.get(f"/campaigns/{campaign.id}/reminders/").text
    links = re.findall(r'href="(/contacts/person/\d+)"', page)
    assert "Ada Moor" in page and bool(links) is not is_of_one_team
    assert all(client.get(link).status_code == 200 for link in links)
