"""One person of the lists: found by who they are, told, silenced, erased for good."""

import json
import re

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from surveyapp.assessments import contact_erasure
from surveyapp.database import utc_now
from surveyapp.models import (
    AuditEvent,
    Contact,
    ContactChange,
    ContactKey,
    Invitation,
    Message,
    Suppression,
)

from ... import factories
from ..signing_in import sign_in
from .test_lists_of_people import ADA, NEXT_YEAR, bring_in, csv_of, upload

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.usefixtures("worker_at_hand"),
]
WHO = {"nhs": "943 476 5919"}


@pytest.fixture
def trust(app, session, client):
    trust = factories.make_trust(session)
    sign_in(client, session, "coordinator", trust)
    with app.app_context():
        yield trust


@pytest.fixture
def ada(client, session, trust):
    """Somebody who came twice, and to whom a message is to go."""
    bring_in(client, trust, ADA)
    bring_in(client, trust, ADA | {"Address": "2 New Road"})
    contact = session.scalars(select(Contact)).one()
    team = factories.make_team(session, trust)
    campaign = factories.make_campaign(session, team)
    invitation = factories.make_invitation(session, campaign, contact=contact)
    factories.make_message(session, invitation, content="a link in clear")
    session.commit()
    return contact


def find(client, trust, **typed):
    address = f"/contacts/trust/{trust.id}/person"
    sent = client.post(address, data=typed)
    assert sent.status_code in (303, 422)
    return client.get(address).text if sent.status_code == 303 else sent.text


def let_back(client, trust, page):
    sent = dict(re.findall(r'name="(look)" value="([^"]+)"', page))
    address = f"/contacts/trust/{trust.id}/person/let-back"
    return client.post(address, data=sent, follow_redirects=True).text


def erase(client, contact):
    return client.post(f"/contacts/person/{contact.id}/erase", data={"why": "asked"})


def test_a_person_is_found_by_what_names_them_alone_and_nothing_of_it_is_kept(
    client, session, trust, ada
):
    bring_in(client, trust, {"Full name": "Bo Other", "E-mail": "bo@example.org"})
    for typed in (
        WHO,
        {"name": "example, ADA", "postcode": "sw1a1aa"},
        {"name": "Ada Example", "born": "10/12/1970"},
        {"telephone": "07700900123"},
    ):
        page = find(client, trust, **typed)
        assert "Dr Ada Example" in page and "Bo Other" not in page
    assert "Nobody on the lists" in find(client, trust, nhs="401 023 2137")
    assert "two of name" in find(client, trust, name="Ada Example")
    assert "check digit" in find(client, trust, nhs="943 476 5918")
    kept = json.dumps([e.detail for e in session.scalars(select(AuditEvent))])
    assert "example" not in kept.lower() and "9434765919" not in kept


def test_all_that_is_held_is_told_on_a_page_and_in_two_files(client, session, ada):
    address = f"/contacts/person/{ada.id}"
    page = client.get(address).text
    readable = client.get(f"{address}/held.html")
    told = client.get(f"{address}/held.json").get_json()
    assert "attachment" in readable.headers["Content-Disposition"]
    for text in ("Dr Ada Example", "2 New Road", "1 High Street", "NHS number"):
        assert text in page and text in readable.text and text in json.dumps(told)
    held = told["held"]
    assert [row["State"] for row in held["Messages"]] == ["not sent"]
    assert [*held["Asked to take part"][0]] == ["Survey", "Asked on"]
    assert "a link in clear" not in json.dumps(told)


def test_what_is_held_of_who_answered_looks_as_of_who_did_not(client, session, ada):
    """The page tells a no and a death: the mark beside them would tell an answer."""

    def held():
        return client.get(f"/contacts/person/{ada.id}/held.json").get_json()["held"]

    before = held()
    invitation = session.scalars(select(Invitation)).one()
    invitation.status, invitation.needs_no_reminder = "answered", True
    session.commit()
    session.expire_all()
    assert held() == before


def test_who_is_erased_is_gone_and_no_list_brings_them_back(client, session, ada):
    trust, number = ada.trust, ada.id
    assert client.post(f"/contacts/person/{number}/erase").status_code == 422
    assert erase(client, ada).status_code == 303
    for kind in (Contact, ContactKey, ContactChange):
        assert session.scalar(select(kind)) is None
    message = session.scalars(select(Message)).one()
    assert (message.status, message.failure, message.content) == (
        *("cancelled", "erased"),
        None,
    )
    again = upload(client, trust, csv_of(ADA, ADA | {"NHS no": "", "Mobile": ""}))
    assert "2 rows are left out" in client.get(again).text
    client.post(f"{again}/confirm", data={"day": NEXT_YEAR})
    assert session.scalar(select(Contact)) is None
    page = find(client, trust, **WHO)
    assert "Erased before" in page
    let_back(client, trust, page)
    bring_in(client, trust, ADA)
    session.rollback()
    assert [c.name for c in session.scalars(select(Contact))] == ["Dr Ada Example"]
    told = session.scalars(select(AuditEvent).where(AuditEvent.action == ERASED)).one()
    assert told.detail == {"why": "asked"} and told.subject == f"contact:{number}"


ERASED = "contact.erased"


def test_a_page_lets_nobody_back_but_whom_it_shows(client, session, trust, ada):
    bring_in(client, trust, OTHER)
    for contact in session.scalars(select(Contact)).all():
        erase(client, contact)
    first_tab = find(client, trust, **WHO)
    find(client, trust, nhs=OTHER["NHS no"])
    assert "Look again" in let_back(client, trust, first_tab)
    n_marks = select(func.count(Suppression.id)).where(Suppression.kind == "erased")
    assert session.scalar(n_marks) == 5
    again = find(client, trust, **WHO)
    assert "can bring this person in again" in let_back(client, trust, again)
    assert session.scalar(n_marks) == 1
    assert "Look again" in let_back(client, trust, again)  # pressed once more


OTHER = {"Full name": "Bo Other", "NHS no": "401 023 2137", "E-mail": "bo@example.org"}


def test_that_somebody_looked_is_noted_also_where_nobody_is_there(
    client, session, trust
):
    find(client, trust, **WHO)
    looked = select(AuditEvent.subject).where(AuditEvent.action == "contact.looked_up")
    assert session.scalars(looked).all() == [f"trust:{trust.id}"]


def test_a_namesake_is_not_left_out_for_somebody_who_was_erased(
    client, session, trust, ada
):
    erase(client, ada)
    bring_in(client, trust, ADA | {"NHS no": "", "DOB": "1/1/1950", "Postcode": ""})
    assert session.scalar(select(Contact.id)) is not None


def test_who_telephones_to_say_no_gets_no_more(client, session, ada):
    client.post(f"/contacts/person/{ada.id}/no-more")
    session.expire_all()
    assert ada.opted_out_at is not None
    assert session.scalars(select(Message.status)).one() == "cancelled"
    assert "No more messages" in client.get(f"/contacts/person/{ada.id}").text


@pytest.mark.one_database
def test_the_command_writes_what_is_held_and_erases(
    app, config, session, ada, tmp_path
):
    from surveyapp import cli

    from ..served import environment

    out, trust = tmp_path / "held.json", ada.trust.name
    run = CliRunner(env=environment(config))
    who = ["--trust", trust, "--nhs", "9434765919"]
    said = run.invoke(cli.main, ["contact", "held", *who, "--out", str(out)])
    assert said.exit_code == 0, said.output
    assert "Dr Ada Example" in out.read_text()
    assert out.stat().st_mode & 0o077 == 0  # for this user alone
    nowhere = ["--out", str(tmp_path / "no-folder" / "held.json")]
    refused = run.invoke(cli.main, ["contact", "held", *who, *nowhere])
    assert refused.exit_code == 2 and "cannot be written" in refused.output
    again = run.invoke(cli.main, ["contact", "held", *who, "--out", str(out)])
    assert again.exit_code == 2 and "is there already" in again.output
    gone = run.invoke(cli.main, ["contact", "erase", *who, "--why", "asked"])
    assert gone.exit_code == 0, gone.output
    session.rollback()
    assert session.scalar(select(Contact.id)) is None
    nobody = run.invoke(cli.main, ["contact", "erase", *who, "--why", "asked"])
    assert "0 people are meant" in nobody.output


def test_an_erased_person_is_not_held_against_another_trust(client, session, ada):
    contact_erasure.erase(session, ada, why="asked", actor="system", now=utc_now())
    marks = session.scalars(select(Suppression).where(Suppression.kind == "erased"))
    digests = [mark.digest for mark in marks]
    assert len(digests) == 4
    elsewhere = factories.make_trust(session, "Southvale")
    assert contact_erasure.left_out(session, elsewhere.id, digests) == set()
