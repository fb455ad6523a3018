"""Who may open what: every route as every role, and never across trusts."""

from types import SimpleNamespace

import pytest
from flask import url_for

from surveyapp.auth import permissions
from surveyapp.database import utc_now
from surveyapp.models import Contact, Mailing, RoleGrant, StaffSession
from surveyapp.models.staff import IN_TEAMS, ROLES

from .. import factories
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

# What machines send: Notify has a token of its own, and a mail program only stops.
WITHOUT_TOKEN = {"callbacks.status": 403, "opt_out.use_link": 303}


@pytest.fixture
def world(app, session):
    """Something of one trust for every kind of number in an address."""
    invitation = factories.make_invitation(session)
    campaign = invitation.campaign
    user, now = factories.make_staff(session, trust=campaign.trust), utc_now()
    form = factories.make_keyed_form(session, user, campaign)
    run = factories.make_run(session, campaign)
    held = factories.make_import(session, campaign)
    message = factories.make_message(session, invitation)
    mailing = factories.added(session, Mailing(campaign=campaign, carrier="print"))
    held_as = {"stage": "mapping", "findings": None}
    details = {"name": "Ada Moor", "retain_until": now}
    with app.app_context():  # names are encrypted
        contact = factories.added(session, Contact(trust=campaign.trust, **details))
    listed = factories.make_contact_list(session, campaign.trust, **held_as)
    comment = factories.make_comment(session, campaign)
    block = factories.make_block(session, comment.assessment)
    own = StaffSession(
        staff_user=user, secret_hash="of-another", created_at=now, seen_at=now
    )
    factories.added(session, own)
    factories.make_attachment(session, campaign)
    factories.make_attachment(session, campaign, run_id=run.id)
    return SimpleNamespace(
        trust=campaign.trust,
        team=campaign.teams[0],
        numbers={
            "trust_id": campaign.trust_id,
            "team_id": campaign.teams[0].id,
            "campaign_id": campaign.id,
            "invitation_id": invitation.id,
            "user_id": user.id,
            "grant_id": user.grants[0].id,
            "what": "reset",
            "act": "close",
            "session_id": own.id,
            "form_id": form.id,
            "import_id": held.id,
            "message_id": message.id,
            "mailing_id": mailing.id,
            "file_id": mailing.id,
            "channel": "email",
            "contact_import_id": listed.id,
            "contact_id": contact.id,
            "ending": "json",
            "comment_id": comment.id,
            "block_id": block.id,
            "page": 1,
            "run_id": run.id,
            "name": "report.pdf",
            "kind": "plan",
            "perspective": "service_user",
            "ref": "parity_asked.v1",
            "scale": "trust",
            "number": 2,
            "token": "a-token",
            "language": "en",
            "look": "usual",
            "path": "survey/1",
        },
    )


def staff_routes(app, world):
    """Endpoint, method and address of every route that needs a sign-in."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if permissions.is_open(rule.endpoint):
                continue
            values = {name: world.numbers[name] for name in rule.arguments}
            address = url_for(rule.endpoint, **values)
            for method in sorted(rule.methods & {"GET", "POST", "PUT", "DELETE"}):
                yield rule.endpoint, method, address


@pytest.mark.parametrize("role", ROLES)
def test_each_role_enters_its_own_pages_and_no_others(
    app, client, session, world, role
):
    sign_in(client, session, role, world.trust)
    wrong = {}
    for endpoint, method, address in list(staff_routes(app, world)):
        status = client.open(address, method=method).status_code
        allowed = role in permissions.roles_for(endpoint)
        if (status == 403) is allowed:
            wrong[method, endpoint] = status
    assert wrong == {}


def test_nobody_enters_a_staff_page_without_signing_in(app, client, session, world):
    wrong = {}
    for endpoint, method, address in list(staff_routes(app, world)):
        response = client.open(address, method=method)
        to_sign_in = "/staff/sign-in" in (response.location or "")
        if not (response.status_code in (401, 403) or to_sign_in):
            wrong[method, endpoint] = response.status_code
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_another_trusts_things_are_not_found(app, client, session, world, role):
    elsewhere = factories.make_trust(session, "Southvale")
    sign_in(client, session, role, elsewhere)
    wrong = {}
    for endpoint, method, address in list(staff_routes(app, world)):
        rule = next(app.url_map.iter_rules(endpoint))
        asks = not set(world.numbers).isdisjoint(rule.arguments)
        if asks and role in permissions.roles_for(endpoint):
            status = client.open(address, method=method).status_code
            if status != 404:
                wrong[method, endpoint] = status
    assert wrong == {}


def test_every_route_has_a_line_in_the_table_and_every_line_a_route(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    named = endpoints | {permissions.blueprint_of(each) for each in endpoints}
    without = {
        each
        for each in endpoints
        if not (permissions.is_open(each) or permissions.roles_for(each))
    }
    assert without == set()
    assert {*permissions.MAY_OPEN, *permissions.OPEN} - named == set()


def test_a_page_without_a_line_is_open_to_nobody(app, client, session, monkeypatch):
    sign_in(client, session, "coordinator")
    assert client.get("/campaigns/").status_code == 200
    monkeypatch.delitem(permissions.MAY_OPEN, "campaigns")
    assert client.get("/campaigns/").status_code == 403


def test_who_keys_or_audits_opens_nothing_else_of_a_trust(app):
    """Written by hand: a change of the table has to be meant."""
    opened = {
        role: {
            permissions.blueprint_of(rule.endpoint)
            for rule in app.url_map.iter_rules()
            if role in permissions.roles_for(rule.endpoint)
        }
        - {"staff", "own_account", "security"}
        for role in ("keyer", "auditor")
    }
    assert opened == {"keyer": {"keying"}, "auditor": {"audit"}}
    for page in ("differences", "resolve", "remove", "rates"):
        assert "keyer" not in permissions.roles_for(f"keying.{page}")


OF_A_CAMPAIGN = {"campaign_id", "form_id", "import_id", "run_id"}


@pytest.mark.one_database
@pytest.mark.parametrize("role", sorted(set(IN_TEAMS) - {"lead"}))
def test_of_one_team_one_reaches_the_campaigns_of_that_team_alone(
    app, client, session, world, role
):
    other = factories.make_team(session, world.trust, "Another team")
    user = sign_in(client, session, role, world.trust)
    addresses = [
        address
        for endpoint, method, address in list(staff_routes(app, world))
        if method == "GET"
        and role in permissions.roles_for(endpoint)
        and OF_A_CAMPAIGN & next(app.url_map.iter_rules(endpoint)).arguments
    ]

    def statuses(team):
        user.grants = [RoleGrant(role=role, trust=world.trust, team=team)]
        session.commit()
        return {each: client.get(each).status_code for each in addresses}

    whole = statuses(None)
    assert 200 in whole.values()
    assert statuses(world.team) == whole
    assert set(statuses(other).values()) == {404}


def test_a_lead_of_one_team_sees_that_team_alone(client, session):
    team = factories.make_team(session)
    factories.make_team(session, team.trust, name="Hidden from the lead")
    user = sign_in(client, session, "lead", team.trust)
    user.grants = [RoleGrant(role="lead", trust=team.trust, team=team)]
    text = client.get(f"/tracking/{team.trust_id}/service_user").text
    assert team.name in text and "Hidden from the lead" not in text


def test_every_blueprint_says_who_may_enter(app):
    silent = [
        name
        for name, blueprint in app.blueprints.items()
        if not app.before_request_funcs.get(name) and name != "security"
    ]
    assert silent == []


def test_every_form_needs_its_token(app, client, session, world):
    sign_in(client, session, "administrator", world.trust)
    accepted = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "POST" in rule.methods:
                values = {n: world.numbers.get(n, 1) for n in rule.arguments}
                address = url_for(rule.endpoint, **values)
                accepted[rule.endpoint] = address
    plain = {"X-CSRFToken": "forged"}
    statuses = {
        endpoint: client.post(address, headers=plain).status_code
        for endpoint, address in accepted.items()
    }
    assert {e: s for e, s in statuses.items() if s != 400} == WITHOUT_TOKEN
