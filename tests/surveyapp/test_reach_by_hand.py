"""Whom a grant lets reach what, and how an account stands, written by hand."""

from types import SimpleNamespace

import pytest
from flask import Blueprint, g
from flask import session as cookie
from sqlalchemy import select

from surveyapp.auth import access
from surveyapp.errors import NotAllowed, NotFound
from surveyapp.models import Campaign, RoleGrant, StaffUser, Team, Trust

from .. import factories

NORTH, SOUTH = 1, 2


def team(number, trust_id=NORTH, into=None):
    merged = {"merged_into_id": into and into.id, "merged_into": into}
    return Team(id=number, trust_id=trust_id, name=f"Team {number}", **merged)


OLD_NAME = team(13, into=team(12))
HARBOUR, HILL = team(11), OLD_NAME.merged_into


def grant(role, trust_id=None, team=None):
    return RoleGrant(
        role=role, trust_id=trust_id, team_id=team.id if team else None, team=team
    )


def someone(*grants, **held):
    held = {"active": True, "is_demonstration": False} | held
    return StaffUser(email="ada@example.org", grants=[*grants], **held)


@pytest.fixture
def ada():
    """Lead of two teams of one trust, researcher of all of the other."""
    return someone(
        grant("lead", NORTH, HARBOUR),
        grant("lead", NORTH, OLD_NAME),
        grant("researcher", SOUTH),
        grant("administrator"),
    )


def test_a_role_reaches_the_trusts_in_which_it_is_held(ada):
    assert ada.trust_ids("lead") == {NORTH}
    assert ada.trust_ids("lead", "researcher") == {NORTH, SOUTH}
    assert ada.trust_ids("administrator") == ada.trust_ids("keyer") == set()


def test_a_role_in_teams_is_not_held_in_the_whole_trust(ada):
    assert ada.whole_trust_ids("lead") == ada.whole_trust_ids("administrator") == set()
    assert ada.whole_trust_ids("lead", "researcher") == {SOUTH}


def test_a_role_in_a_merged_team_holds_in_the_team_that_goes_on(ada):
    assert ada.single_team_ids("lead") == {HARBOUR.id, HILL.id}
    assert ada.single_team_ids("researcher") == set()
    assert ada.team_ids(NORTH, "lead") == {HARBOUR.id, HILL.id}


def test_all_teams_are_reached_where_one_grant_is_of_the_whole_trust(ada):
    assert ada.team_ids(SOUTH, "researcher") is None
    assert ada.team_ids(NORTH, "researcher") == ada.team_ids(SOUTH, "lead") == set()
    both = someone(grant("lead", NORTH, HARBOUR), grant("lead", NORTH))
    assert both.team_ids(NORTH, "lead") is None


def test_an_administrator_looks_after_who_is_in_their_trusts_alone(ada):
    of_all, of_north = someone(grant("administrator")), grant("administrator", NORTH)
    of_north = someone(of_north, grant("lead", SOUTH))
    nurse = someone(grant("keyer", NORTH))
    assert of_north.administers == {NORTH} and of_north.places == {NORTH, SOUTH}
    assert of_all.looks_after(ada) and of_all.looks_after(of_north)
    assert of_north.looks_after(nurse) and of_north.looks_after(someone())
    assert not of_north.looks_after(of_north)  # who leads in another trust, too
    assert not nurse.looks_after(nurse)


def test_somebody_has_the_roles_of_their_grants_and_no_others(ada):
    assert ada.role_names == ["administrator", "lead", "researcher"]
    assert ada.roles is ada.grants
    for name in ("lead", "keyer"):
        for role in (name, grant(name)):
            assert ada.has_role(role) is (name == "lead")


SECRETS = {"password": "p", "tf_totp_secret": "t", "provider_subject": "s"}


@pytest.mark.parametrize(
    "held, standing",
    [
        ({}, "invited"),
        ({"password"}, "invited"),
        ({"tf_totp_secret"}, "invited"),
        ({"password", "tf_totp_secret"}, "active"),
        ({"provider_subject"}, "active"),
    ],
)
def test_an_account_is_active_once_its_owner_gets_in_alone(held, standing):
    user = someone(**{name: SECRETS[name] for name in held})
    assert user.standing == standing
    assert user.can_sign_in is (standing == "active")
    assert user.has_signed_in is bool(held)
    assert user.is_by_provider_alone is (held == {"provider_subject"})
    user.active = False
    assert (user.standing, user.can_sign_in) == ("disabled", False)


def test_whoever_has_a_password_is_not_of_the_provider_alone():
    both = someone(password="p", provider_subject="s")
    assert not both.is_by_provider_alone


def test_a_demonstration_signs_in_by_links_and_is_called_one():
    user = someone(is_demonstration=True)
    assert (user.standing, user.can_sign_in) == ("demonstration", True)
    assert not user.has_signed_in


def test_what_is_forgotten_is_every_way_in_or_the_second_factor_alone():
    second = {"tf_primary_method": "m", "tf_last_step": 1, "mf_recovery_codes": ["c"]}
    user = someone(**SECRETS, **second)
    user.forget_second_factor()
    assert (user.password, user.provider_subject) == ("p", "s")
    assert [getattr(user, name) for name in second] == [None] * 3
    assert user.tf_totp_secret is None
    user = someone(**SECRETS, **second)
    user.forget_sign_in()
    assert [getattr(user, name) for name in (*SECRETS, *second)] == [None] * 6


def test_everyone_needs_a_second_factor():
    ways = [("authenticator", "An app")]
    assert someone().check_tf_required(ways, False) == (True, ways)


@pytest.mark.one_database
def test_an_account_is_found_by_its_own_address_encrypted_or_of_before(app, session):
    addresses = ("ada@example.org", "bea@example.org", "cy@example.org")
    with app.app_context():  # addresses are encrypted
        staff = [factories.make_staff(session, email=each) for each in addresses]
        known = {"email": addresses[0], "email_index": None}
        factories.of_before(session, staff[0], **known)
        for address in (*addresses, "di@example.org"):
            query = select(StaffUser.id).where(StaffUser.has_address(address))
            expected = [s.id for s, own in zip(staff, addresses) if own == address]
            assert session.scalars(query).all() == expected


def test_a_grant_says_where_it_holds():
    trust = Trust(id=NORTH, name="Northmoor")
    held = grant("lead", NORTH, HARBOUR)
    held.trust = trust
    assert held.place == "Team 11, Northmoor" and held.name == "lead"
    held.team = None
    assert held.place == "Northmoor"
    assert grant("administrator").place == "every trust"


def campaign(*teams, trust_id=NORTH):
    return Campaign(trust_id=trust_id, teams=[*teams])


def test_a_campaign_is_reached_by_its_trust_or_by_all_of_its_teams():
    both = campaign(HARBOUR, HILL)
    assert access.is_reached(both, {NORTH}, set())
    assert not access.is_reached(both, {SOUTH}, set())
    assert access.is_reached(both, set(), {HARBOUR.id, HILL.id})
    assert not access.is_reached(both, set(), {HARBOUR.id})
    assert not access.is_reached(campaign(), set(), {HARBOUR.id})


def test_a_campaign_of_a_merged_team_is_of_the_team_that_goes_on():
    old = campaign(OLD_NAME)
    assert access.is_reached(old, set(), {HILL.id})
    assert not access.is_reached(old, set(), {OLD_NAME.id})


def test_what_belongs_to_a_campaign_is_reached_like_it_and_else_by_the_trust():
    form = SimpleNamespace(trust_id=NORTH, campaign=campaign(HARBOUR))
    contact = SimpleNamespace(trust_id=NORTH)
    assert access.is_reached(form, set(), {HARBOUR.id})
    assert not access.is_reached(form, set(), {HILL.id})
    assert access.is_reached(contact, {NORTH}, set())
    assert not access.is_reached(contact, set(), {HARBOUR.id})


def test_a_role_of_somebodys_reaches_campaigns_of_its_own_places(ada):
    for role, of, expected in (
        ("lead", campaign(HARBOUR, HILL), True),
        ("lead", campaign(HARBOUR, team(19)), False),
        ("lead", campaign(HARBOUR, trust_id=SOUTH), True),
        ("researcher", campaign(HARBOUR), False),
        ("researcher", campaign(trust_id=SOUTH), True),
    ):
        assert access.reaches(ada, of, role) is expected


@pytest.mark.one_database
def test_campaigns_of_a_page_are_those_within_reach_and_of_them_alone(app, session):
    mine, beside = (factories.make_campaign(session) for _ in "12")
    other = factories.make_campaign(
        session, factories.make_team(session, mine.trust, "Another team")
    )
    with app.app_context():
        for trusts, teams, expected in (
            ({mine.trust_id}, set(), {mine, other}),
            (set(), {mine.teams[0].id}, {mine}),
            ({beside.trust_id}, {other.teams[0].id}, {beside, other}),
            (set(), set(), set()),
        ):
            g.trust_ids, g.team_ids = trusts, teams
            found = access.campaign_ids(session)
            assert found == {each.id for each in expected}
            for each in (mine, beside, other):
                if each in expected:
                    assert access.within_reach(session, Campaign, each.id) is each
                else:
                    with pytest.raises(NotFound):
                        access.within_reach(session, Campaign, each.id)
        with pytest.raises(NotFound):
            access.within_reach(session, Campaign, 99)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "path, places",
    [("/campaigns/", ({SOUTH}, {HILL.id})), ("/tracking/", ({NORTH, SOUTH}, set()))],
)
def test_a_guard_leaves_the_places_in_which_the_page_may_be_opened(
    app, monkeypatch, ada, path, places
):
    ada.grants += [grant("coordinator", NORTH, HILL), grant("coordinator", SOUTH)]
    monkeypatch.setattr(access, "current_user", ada)
    with app.test_request_context(path):
        assert access.admit()() is None
        found = g.trust_ids, g.team_ids
    assert found == places


@pytest.mark.one_database
def test_a_guard_refuses_who_has_no_role_there_and_leads_others_to_the_sign_in(
    app, monkeypatch, ada
):
    monkeypatch.setattr(access, "current_user", ada)
    with app.test_request_context("/campaigns/"), pytest.raises(NotAllowed):
        access.admit()()
    ada.active = False  # and so nobody is signed in
    with app.test_request_context("/campaigns/"):
        assert access.admit()().location == "/staff/sign-in?next=/campaigns/"
    with app.test_request_context("/campaigns/", method="POST"):
        with pytest.raises(NotAllowed, match="sign in first"):
            access.admit()()


@pytest.mark.one_database
def test_what_is_nowhere_is_not_found_and_what_is_open_needs_no_role(client):
    assert client.get("/no-such-page").status_code == 404
    assert client.get("/").status_code == 200


@pytest.mark.one_database
def test_a_feature_that_the_table_does_not_know_is_open_to_nobody(app, app_with):
    fresh, feature = app_with(), Blueprint("a_feature", __name__)
    feature.get("/a-feature", endpoint="page")(lambda: "Read me")
    fresh.register_blueprint(feature)
    answer = fresh.test_client().get("/a-feature")
    assert (answer.status_code, "Read me" in answer.text) == (403, False)


LONG = "/" + "x" * 499


@pytest.mark.one_database
@pytest.mark.parametrize(
    "request_of, next_page, kept",
    [
        ({"path": "/campaigns/?find=3"}, "/campaigns/?find%3D3", "/campaigns/?find=3"),
        ({"path": "/campaigns/"}, "/campaigns/", "/campaigns/"),
        ({"path": LONG}, LONG, LONG),
        ({"path": LONG + "x"}, LONG + "x", None),
        ({"from": "http://localhost/a/1?b=2"}, "/a/1?b%3D2", "/a/1?b=2"),
        ({"from": "http://localhost/a"}, "/a", "/a"),
        ({"from": None}, None, None),
        ({"from": "http://elsewhere.example/a"}, None, None),
        ({"from": "http://localhost//elsewhere.example"}, None, None),
    ],
)
def test_the_sign_in_leads_back_to_a_page_here(app, request_of, next_page, kept):
    sent = {"path": "/campaigns/new", "method": "POST"}
    if request_of.get("from"):
        sent["headers"] = {"Referer": request_of["from"]}
    with app.test_request_context(**(request_of if "path" in request_of else sent)):
        answer = access.to_sign_in()
        assert cookie.get(access.CAME_FROM) == kept
    assert answer.status_code == 303
    expected = f"?next={next_page}" if next_page else ""
    assert answer.location == f"/staff/sign-in{expected}"


def test_only_an_address_here_is_one_to_come_back_to():
    assert access.came_from("/a/b?c=d") == "/a/b?c=d"
    for address in (None, "", "a", "//evil.example", "/\\evil.example", "/a b"):
        assert access.came_from(address) is None
