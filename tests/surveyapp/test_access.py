"""Who may open what: every route as every role, and never across trusts."""

from types import SimpleNamespace

import pytest
from flask import url_for

from surveyapp.database import utc_now
from surveyapp.models import RoleGrant, StaffSession
from surveyapp.models.staff import ROLES

from .. import factories
from .signing_in import sign_in

# Blueprint or endpoint -> the roles that may enter. What is missing may nobody.
STAFF_PAGES = {
    "campaigns": {"coordinator"},
    "importing": {"coordinator"},
    "keying": {"coordinator"},
    "printing": {"coordinator"},
    "notices": {"coordinator"},
    "waves": {"coordinator"},
    "asking": {"coordinator"},
    "companions": {"coordinator"},
    "preview": {"coordinator", "researcher"},
    "tracking": {"coordinator", "lead", "researcher"},
    "research": {"researcher"},
    "runs": {"researcher"},
    "admin": {"administrator"},
    "accounts": {"administrator"},
    "staff": set(ROLES),
    "own_account": set(ROLES),
    "security": set(ROLES),
}
# Reached without a sign-in: by anyone, or by whoever holds a link, code or visit.
OPEN = {
    "about",
    "display",
    "api",
    "display",
    "entry",
    "respond",
    "static",
    "staff.link",
    "staff.use_link",
    "security.login",
    "security.logout",
    "security.two_factor_setup",
    "security.two_factor_setup_validate",
    "security.two_factor_token_validation",
    "security.two_factor_rescue",
    "security.mf_recovery",
    "security.tf_select",
}


def is_open(endpoint):
    return endpoint in OPEN or endpoint.partition(".")[0] in OPEN


@pytest.fixture
def world(session):
    """Something of one trust for every kind of number in an address."""
    invitation = factories.make_invitation(session)
    campaign = invitation.campaign
    user, now = factories.make_staff(session, trust=campaign.trust), utc_now()
    form = factories.make_keyed_form(session, user, campaign)
    run = factories.make_run(session, campaign)
    held = factories.make_import(session, campaign)
    own = StaffSession(
        staff_user=user, secret_hash="of-another", created_at=now, seen_at=now
    )
    factories.added(session, own)
    factories.make_attachment(session, campaign)
    factories.make_attachment(session, campaign, run_id=run.id)
    return SimpleNamespace(
        trust=campaign.trust,
        numbers={
            "trust_id": campaign.trust_id,
            "campaign_id": campaign.id,
            "invitation_id": invitation.id,
            "user_id": user.id,
            "grant_id": user.grants[0].id,
            "what": "reset",
            "session_id": own.id,
            "form_id": form.id,
            "import_id": held.id,
            "page": 1,
            "run_id": run.id,
            "name": "report.pdf",
            "kind": "plan",
            "perspective": "service_user",
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
            if is_open(rule.endpoint):
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
        allowed = role in STAFF_PAGES[endpoint.partition(".")[0]]
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
        if asks and role in STAFF_PAGES[endpoint.partition(".")[0]]:
            status = client.open(address, method=method).status_code
            if status != 404:
                wrong[method, endpoint] = status
    assert wrong == {}


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
    assert {e: s for e, s in statuses.items() if s != 400} == {}
