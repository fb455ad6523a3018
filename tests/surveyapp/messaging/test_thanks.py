"""Thanks: due to whom the other list tells, given, taken back, apart from answers."""

import csv
import io
import re

import pytest
from sqlalchemy import select

from surveyapp.assessments import reminders
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.messaging.thanks_list import SHOWN
from surveyapp.models import AuditEvent, Contact, Invitation, Thanks

from ... import factories
from ..signing_in import sign_in
from .making import make_contact, make_message

pytestmark = pytest.mark.one_database


@pytest.fixture
def campaign(app, session, client):
    with app.app_context():
        made = factories.make_campaign(
            session, asks_contacts=True, thanks="A voucher of ten pounds"
        )
        sign_in(client, session, "coordinator", made.trust)
        yield made


@pytest.fixture
def page(campaign):
    return f"/campaigns/{campaign.id}/thanks/"


def ask(session, campaign, n, status="answered"):
    """People of the list whose invitations are at this point."""
    for k in range(n):
        contact = make_contact(session, campaign, f"Person {status} {k}")
        message = make_message(
            session, contact, campaign, idempotency_key=f"{status}-{k}"
        )
        message.invitation.status = status
    session.commit()


def night(session):
    reminders.note_who_needs_none(session, None, None)
    session.commit()
    db.session.remove()  # what an earlier request saw


def due(client, page, which="due"):
    text = client.get(f"{page}?which={which}").text
    return dict(re.findall(r'value="(\d+)"[^>]*><label.*?>(Person [\w ]+)<', text))


def test_nobody_is_due_until_ten_are_and_withdrawing_costs_nobody_theirs(
    client, session, campaign, page
):
    ask(session, campaign, 5)
    ask(session, campaign, 4, "withdrawn")
    ask(session, campaign, 3, "sent")
    night(session)
    assert due(client, page) == {}
    ask(session, campaign, 1, "started")
    last = select(Invitation).order_by(Invitation.id.desc())
    session.scalars(last).first().status = "answered"
    session.commit()
    night(session)
    names = due(client, page).values()
    assert len(names) == 10 and not [name for name in names if "sent" in name]
    text = client.get(page).text
    assert "answered" not in re.sub(
        r"Person \w+|who answered", "", text.split("<main")[1]
    )


def test_who_is_due_is_also_on_the_list_of_those_who_need_no_reminder(
    client, session, campaign, page
):
    ask(session, campaign, 12)
    ask(session, campaign, 3, "sent")
    someone = session.scalars(select(Contact)).first()
    night(session)
    someone.opted_out_at = utc_now()
    session.commit()
    settled = client.get(f"/campaigns/{campaign.id}/reminders/?which=settled").text
    listed = due(client, page).values()
    assert len(listed) == 11 and all(name in settled for name in listed)


def test_thanks_are_given_and_taken_back_once_each(client, session, campaign, page):
    ask(session, campaign, 10)
    night(session)
    some = [*due(client, page)][:4]
    for _ in range(2):  # pressed twice
        reply = client.post(f"{page}given", data={"person": some})
        assert reply.status_code == 303
    assert [*due(client, page, "given")] == some and len(due(client, page)) == 6
    assert "4 of 10 given" in client.get(page).text
    client.post(f"{page}taken-back", data={"person": some[:1]})
    assert [*due(client, page, "given")] == some[1:]
    done = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    changes = [(e.action, e.detail["n"]) for e in done if e.action in CHANGES]
    assert changes == [
        ("thanks.given", 4),
        ("thanks.given", 0),
        ("thanks.taken_back", 1),
    ]
    assert client.post(f"{page}given").status_code == 422


CHANGES = ("thanks.given", "thanks.taken_back")


def test_the_file_has_who_is_due_and_who_has_theirs(client, session, campaign, page):
    ask(session, campaign, 10)
    session.scalars(select(Contact)).first().name = "=Person"
    session.commit()
    night(session)
    client.post(f"{page}given", data={"person": [*due(client, page)][:2]})
    text = client.get(f"{page}thanks.csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 10 and sum(bool(row["given on"]) for row in rows) == 2
    assert not [row for row in rows if row["name"].startswith("=")]
    assert set(rows[0]) == {"name", "address", "given on"}


def test_nobody_else_can_be_given_thanks(client, session, campaign, page):
    ask(session, campaign, 10)
    ask(session, campaign, 1, "sent")
    night(session)
    last = session.scalars(select(Contact.id).order_by(Contact.id.desc())).first()
    client.post(f"{page}given", data={"person": [last]})
    assert session.scalars(select(Thanks)).all() == []


def test_a_campaign_that_gives_nothing_lists_nobody(client, session, campaign, page):
    ask(session, campaign, 10)
    night(session)
    assert client.post(page, data={"thanks": "  "}).status_code == 303
    text = client.get(page).text
    assert "Nothing is given" in text and "Person" not in text
    assert client.post(page, data={"thanks": "x" * 201}).status_code == 422


def test_what_was_given_is_told_and_erased_with_the_person(
    client, session, campaign, page
):
    ask(session, campaign, 10)
    night(session)
    number = [*due(client, page)][0]
    client.post(f"{page}given", data={"person": [number]})
    held = client.get(f"/contacts/person/{number}/held.json").get_json()["held"]
    assert held["Thanks given"][0]["What"] == "A voucher of ten pounds"
    client.post(f"/contacts/person/{number}/erase", data={"why": "asked"})
    assert session.scalars(select(Thanks)).all() == []


def test_of_more_than_a_page_the_last_who_were_given_theirs_are_taken_back(
    client, session, campaign, page
):
    ask(session, campaign, SHOWN + 2)
    night(session)
    client.post(f"{page}given", data={"person": [*due(client, page)]})
    last = [*due(client, page)]
    client.post(f"{page}given", data={"person": last})
    assert len(last) == 2 and [*due(client, page, "given")][:2] == last
    refused = client.post(f"{page}taken-back")  # nobody is ticked
    assert refused.status_code == 422 and "not given theirs after all" in refused.text
    client.post(f"{page}taken-back", data={"person": last})
    assert [*due(client, page)] == last


def test_what_some_were_given_stays_named_until_that_is_taken_back(
    client, session, campaign, page
):
    ask(session, campaign, 10)
    assert client.post(page, data={"thanks": ""}).status_code == 303
    assert "Person" not in client.get(f"{page}thanks.csv").text
    client.post(page, data={"thanks": "A voucher"})
    night(session)
    some = {"person": [*due(client, page)][:1]}
    client.post(f"{page}given", data=some)
    refused = client.post(page, data={"thanks": " "})
    assert refused.status_code == 422 and "take that back first" in refused.text
    client.post(f"{page}taken-back", data=some)
    assert client.post(page, data={"thanks": " "}).status_code == 303
