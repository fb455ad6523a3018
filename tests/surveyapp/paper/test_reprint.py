"""Lost paper is printed again: new codes, and the old ones closed in one step."""

import re

import pytest
from sqlalchemy import select

from surveyapp.database import utc_now
from surveyapp.errors import InvalidAnswers
from surveyapp.links import new_token, token_hash
from surveyapp.models import (
    AuditEvent,
    Invitation,
    InvitationToken,
    PrintedCopy,
    RespondentSession,
)
from surveyapp.paper import printing, reprint

from ... import factories
from ..respond.visitor import Visitor
from ..signing_in import sign_in
from .test_printing import ADDRESSES

FORM = {"perspective": "service_user", "edition": "standard", "n": "3"}


@pytest.fixture
def campaign(client, session):
    made = factories.make_campaign(session, **ADDRESSES)
    sign_in(client, session, "coordinator", made.trust)
    return made


@pytest.fixture
def drawn(monkeypatch):
    """The tokens of links in the order in which they were drawn for paper."""
    every = []

    def draw():
        every.append(new_token())
        return every[-1]

    monkeypatch.setattr(printing, "new_token", draw)
    return every


@pytest.fixture
def tokens(client, campaign, drawn):
    """Three copies were printed: the tokens of their links."""
    assert client.post(address(campaign, "forms"), data=FORM).status_code == 303
    return tuple(drawn)


def address(campaign, last):
    return f"/campaigns/{campaign.id}/paper/{last}"


def print_again(client, campaign, **fields):
    """The file of new copies, or the page that says why there is none."""
    sent = {"which": "copy", "is_lost": "yes"} | fields
    reply = client.post(address(campaign, "again"), data=sent)
    return client.get(f"{reply.location}/file") if reply.status_code == 303 else reply


def run_on(client, campaign):
    """The first run that the page offers."""
    page = client.get(address(campaign, "again")).text
    return re.search(r"which=([A-Z2-9]{9})", page)[1]


def status_of(session, token):
    session.rollback()
    return InvitationToken.invitation_by(session, token_hash=token_hash(token)).status


def test_a_run_gets_new_codes_and_the_old_ones_are_closed(
    client, session, campaign, tokens, drawn
):
    response = print_again(client, campaign, which=run_on(client, campaign))
    assert response.mimetype == "application/pdf"
    assert response.headers["Cache-Control"] == "no-store"
    new = drawn[3:]
    assert len(new) == 3 and not set(new) & set(tokens)
    assert {status_of(session, token) for token in tokens} == {"cancelled"}
    assert {status_of(session, token) for token in new} == {"made"}
    assert client.get(f"/s/{tokens[0]}").status_code == 410
    assert client.get(f"/s/{new[0]}").status_code == 200


@pytest.mark.one_database
def test_one_copy_is_printed_again_by_the_number_at_its_foot(
    client, session, campaign, tokens, drawn
):
    lost = session.scalars(select(PrintedCopy).order_by(PrintedCopy.id)).first()
    serial = f"{lost.serial[:3]}-{lost.serial[3:6]} {lost.serial[6:].lower()}"
    made = print_again(client, campaign, serial=serial)
    assert made.mimetype == "application/pdf" and len(drawn[3:]) == 1
    statuses = [status_of(session, token) for token in tokens]
    assert sorted(statuses) == ["cancelled", "made", "made"]


@pytest.mark.one_database
def test_team_and_order_come_along(client, session):
    first = factories.make_team(session)
    second = factories.make_team(session, first.trust, "Moor team")
    campaign = factories.make_campaign(
        session, first, item_order="rotated", **ADDRESSES
    )
    campaign.teams.append(second)
    sign_in(client, session, "coordinator", campaign.trust)
    client.post(address(campaign, "forms"), data=FORM | {"team": second.id})
    made = session.query(Invitation).order_by(Invitation.id)
    before = [(i.team_id, i.arrangement) for i in made]
    assert print_again(client, campaign, which=run_on(client, campaign)).data
    new = made.filter_by(status="made")
    assert [(i.team_id, i.arrangement) for i in new] == before


@pytest.mark.one_database
def test_it_is_in_the_audit_with_how_many_were_closed(
    client, session, campaign, tokens
):
    print_again(client, campaign, which=run_on(client, campaign))
    again = AuditEvent.action == "forms.printed_again"
    event = session.scalars(select(AuditEvent).where(again)).one()
    assert event.detail["n"] == event.detail["closed"] == 3


@pytest.mark.one_database
def test_what_somebody_began_is_left_as_it_is(
    app, client, session, campaign, tokens, drawn
):
    began = Visitor(app.test_client()).begin(token=tokens[0])
    run = run_on(client, campaign)
    assert "2 of 3 unused" in client.get(address(campaign, "again")).text
    assert print_again(client, campaign, which=run).mimetype == "application/pdf"
    assert len(drawn[3:]) == 2
    assert status_of(session, tokens[0]) == "started"
    assert began.get("/survey/1").status_code == 200


@pytest.mark.one_database
def test_who_stands_before_consent_with_an_old_code_begins_nothing(
    app, client, session, campaign, tokens
):
    visitor = Visitor(app.test_client())
    visitor.open_link(tokens[0])
    print_again(client, campaign, which=run_on(client, campaign))
    assert visitor.get("/survey/consent").status_code == 403
    assert session.scalars(select(RespondentSession)).one().ended_at is not None


def test_who_begins_while_the_paper_is_made_stops_it_all(
    app, session, campaign, tokens
):
    held = session.scalars(select(Invitation.id)).all()
    Visitor(app.test_client()).begin(token=tokens[1])
    session.rollback()
    with pytest.raises(InvalidAnswers, match="begun just now"):
        reprint.close_invitations(session, held, utc_now())
    assert [status_of(session, token) for token in tokens] == [
        "made",
        "started",
        "made",
    ]


@pytest.mark.one_database
def test_a_second_press_prints_nothing_more(client, session, campaign, tokens):
    run = run_on(client, campaign)
    print_again(client, campaign, which=run)
    response = print_again(client, campaign, which=run)
    assert response.status_code == 422
    assert "Choose forms that are not used yet" in response.text
    assert session.query(Invitation).count() == 6


@pytest.mark.one_database
@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"serial": "ABC-DEF-GH2"}, "no unused copy with this number"),
        ({"serial": ""}, "no unused copy with this number"),
        ({"which": ""}, "Choose forms that are not used yet"),
    ],
)
def test_what_is_not_known_is_said_and_no_code_is_closed(
    client, session, campaign, tokens, wrong, said
):
    response = print_again(client, campaign, **wrong)
    assert response.status_code == 422 and said in response.text
    assert {status_of(session, token) for token in tokens} == {"made"}


@pytest.mark.one_database
def test_the_old_paper_has_to_be_said_to_be_gone(client, session, campaign, tokens):
    sent = {"which": run_on(client, campaign)}
    response = client.post(address(campaign, "again"), data=sent)
    assert response.status_code == 422 and reprint.NOT_LOST in response.text
    assert {status_of(session, token) for token in tokens} == {"made"}


@pytest.mark.one_database
def test_a_copy_of_another_trust_is_not_found(client, session, campaign, tokens):
    serial = session.scalars(select(PrintedCopy.serial)).first()
    other = factories.make_campaign(session, **ADDRESSES)
    assert other.trust_id != campaign.trust_id
    assert print_again(client, other, serial=serial).status_code == 404
    assert {status_of(session, token) for token in tokens} == {"made"}
