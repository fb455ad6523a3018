"""Trusts and teams: made, called otherwise, merged, closed and opened again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from surveyapp.admin import places
from surveyapp.models import AuditEvent, Campaign, RoleGrant

from ..factories import make_campaign, make_invitation, make_team, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.any_database


@pytest.fixture
def admin(client, session):
    return sign_in(client, session, "administrator")


@pytest.fixture
def trust(admin):
    return admin.grants[0].trust


def everywhere(admin, session):
    admin.grants[0].trust = None
    session.commit()


def test_a_trust_is_made_on_the_page_by_who_looks_after_all(client, session, admin):
    form = {"name": "Southvale", "code": "rx4"}
    assert client.get("/admin/trusts/new").status_code == 404
    assert client.post("/admin/trusts/new", data=form).status_code == 404
    everywhere(admin, session)
    page = client.post("/admin/trusts/new", data=form, follow_redirects=True).text
    assert "Southvale is made" in page and "RX4" in page
    again = client.post("/admin/trusts/new", data={"name": " ", "code": "x y"})
    assert again.status_code == 422 and "capital letters" in again.text


def test_trust_and_team_get_another_name_and_code(client, session, trust):
    team = make_team(session, trust)
    form = {"name": "Harbour and Quay", "code": "cmht-7"}
    client.post(f"/admin/teams/{team.id}", data=form)
    client.post(f"/admin/trusts/{trust.id}/change", data={"name": "North", "code": ""})
    for record in (team, trust):
        session.refresh(record)
    assert (team.name, team.code) == ("Harbour and Quay", "CMHT-7")
    assert (trust.name, trust.code) == ("North", None)
    page = client.get(f"/admin/trusts/{trust.id}").text
    assert "Harbour and Quay" in page and "CMHT-7" in page
    actions = set(session.scalars(select(AuditEvent.action)))
    assert {"team.changed", "trust.changed"} <= actions


@pytest.mark.parametrize("field", ["name", "code"])
def test_two_teams_of_a_trust_are_never_called_the_same(client, session, trust, field):
    first = make_team(session, trust, "Moorside", code="M")
    second = make_team(session, trust, "Riverside", code="R")
    form = {"name": second.name, "code": second.code, field: getattr(first, field)}
    answer = client.post(f"/admin/teams/{second.id}", data=form)
    assert answer.status_code == 422 and "of this name or code" in answer.text
    session.refresh(second)
    assert (second.name, second.code) == ("Riverside", "R")


def test_a_team_closes_after_a_question_and_opens_again(client, session, trust):
    team = make_team(session, trust)
    address = f"/admin/teams/{team.id}"
    assert "cannot be undone" in client.get(f"{address}/close").text
    session.refresh(team)
    assert team.is_active
    for way, is_active in (("close", False), ("reopen", True)):
        client.post(f"{address}/{way}")
        session.refresh(team)
        assert team.is_active is is_active


def test_a_merge_asks_whether_one_is_sure_and_cannot_be_undone(client, session, trust):
    team, into = make_team(session, trust, "Old"), make_team(session, trust, "New")
    elsewhere = make_team(session, make_trust(session, "Southvale"))
    address = f"/admin/teams/{team.id}"
    for form in (
        {"into": into.id},
        {"into": elsewhere.id, "sure": "yes"},
        {"into": team.id, "sure": "yes"},
        {"sure": "yes"},
    ):
        assert client.post(f"{address}/merge", data=form).status_code == 422
        session.refresh(team)
        assert team.merged_into_id is None
    client.post(f"{address}/merge", data={"into": into.id, "sure": "yes"})
    session.refresh(team)
    assert (team.now.name, team.is_active) == ("New", False)
    assert "goes on as New" in client.get(f"/admin/trusts/{trust.id}").text
    for way in ("reopen", "merge"):
        form = {"into": into.id, "sure": "yes"}
        assert client.post(f"{address}/{way}", data=form).status_code == 422
    told = select(AuditEvent).filter_by(action="team.merged")
    assert session.scalar(told).detail == {"into": into.id}


def test_links_of_a_merged_team_go_on_and_so_do_roles_in_it(app, client, session):
    campaign = make_campaign(session)
    old, new = campaign.teams[0], make_team(session, campaign.trust, "New team")
    link = make_invitation(session, campaign, is_open=True, team=old, token="t" * 32)
    user = sign_in(client, session, "coordinator", campaign.trust)
    with app.app_context():
        places.merge_team(session, old, new, actor="command line")
    assert client.get(f"/s/{'t' * 32}").status_code in (200, 303)
    assert link.team is old
    for team in (old, new):
        grant = RoleGrant(role="coordinator", trust=campaign.trust, team=team)
        user.grants = [grant]
        session.commit()
        assert client.get(f"/campaigns/{campaign.id}").status_code == 200
        user.grants = [RoleGrant(role="lead", trust=campaign.trust, team=team)]
        session.commit()
        address = f"/tracking/{campaign.trust_id}/service_user"
        assert "New team" in client.get(address).text


def test_a_trust_closes_once_its_campaigns_are_closed_and_makes_no_new_one(
    client, session, admin, trust
):
    team = make_team(session, trust)
    campaign = make_campaign(session, team, title="Still open")
    assert client.post(f"/admin/trusts/{trust.id}/close").status_code == 404
    everywhere(admin, session)
    refused = client.post(f"/admin/trusts/{trust.id}/close")
    assert refused.status_code == 422 and "Still open" in refused.text
    campaign.closes_at = campaign.opens_at + timedelta(hours=1)
    assert "can be opened again" in client.get(f"/admin/trusts/{trust.id}/close").text
    client.post(f"/admin/trusts/{trust.id}/close")
    session.refresh(trust)
    assert trust.closed_at is not None
    client.post("/staff/sign-out")
    sign_in(client, session, "coordinator", trust)
    form = {"title": "Another", "form": "short", "trust": trust.id}
    answer = client.post("/campaigns/", data=form)
    assert answer.status_code == 422 and "is closed" in answer.text
    assert session.query(Campaign).count() == 1


def test_a_team_of_another_trust_is_not_found(client, session, admin):
    elsewhere = make_team(session, make_trust(session, "Southvale"))
    for way in ("", "/close", "/merge"):
        assert client.get(f"/admin/teams/{elsewhere.id}{way}").status_code == 404
