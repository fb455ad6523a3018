"""Who may open what, written a second time by hand: a change has to be meant twice."""

import pytest

from surveyapp.auth import permissions
from surveyapp.models.staff import ROLES

OWN = {"staff", "own_account", "security"}
OPENS = {
    "administrator": {"comments", "admin", "audit", "accounts", "places"},
    "coordinator": {
        "campaigns",
        "links",
        "open_links",
        "importing",
        "printing",
        "messages",
        "outbox",
        "reminders",
        "thanks",
        "notices",
        "waves",
        "asking",
        "life",
        "settings",
        "responses",
        "companions",
        "contacts",
        "person",
        "preview",
        "keying",
        "keying.differences",
        "keying.resolve",
        "keying.remove",
        "keying.confirm_remove",
        "keying.rates",
        "tracking",
        "lead_comments",
        "comments",
        "comment_readers",
    },
    "keyer": {"keying"},
    "researcher": {
        "preview",
        "tracking",
        "lead_comments",
        "comments",
        "research",
        "runs",
    },
    "lead": {"tracking", "lead_comments", "targets", "improvement"},
    "auditor": {"audit"},
}
OPEN_TO_ANYBODY = {
    "about",
    "callbacks",
    "operations",
    "display",
    "entry",
    "opt_out",
    "provider",
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


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_is_written_here_and_nothing_else(role):
    opened = {name for name, roles in permissions.MAY_OPEN.items() if role in roles}
    assert opened == OPENS[role] | OWN


def test_no_line_names_what_is_no_role():
    assert {*ROLES} == {*OPENS}
    assert set().union(*permissions.MAY_OPEN.values()) == {*ROLES}


def test_without_a_sign_in_these_open_and_nothing_else():
    assert permissions.OPEN == OPEN_TO_ANYBODY
    assert permissions.is_open("respond.show_page")
    assert permissions.is_open("staff.link")
    assert not permissions.is_open("staff.index")
    assert not permissions.is_open("campaigns.index")


def test_pages_that_look_at_teams_are_those_of_figures():
    figures = {"tracking", "lead_comments", "improvement", "targets"}
    assert permissions.LOOK_AT_TEAMS == figures


def test_the_line_of_a_page_goes_before_that_of_its_feature():
    assert permissions.roles_for("keying.index") == {"coordinator", "keyer"}
    assert permissions.roles_for("keying.remove") == {"coordinator"}
    assert permissions.roles_for("nothing.known") == frozenset()


def test_somebody_opens_what_one_of_their_roles_opens():
    class Lead:
        role_names = {"lead", "auditor"}

    assert permissions.may_open(Lead, "audit.index")
    assert permissions.may_open(Lead, "targets.index")
    assert not permissions.may_open(Lead, "campaigns.index")
