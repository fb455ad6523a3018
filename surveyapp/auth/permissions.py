"""Who may open what: the one table that guards, menu, pages and tests read.

A line is a blueprint, or an endpoint that differs from the rest of its blueprint.
What has no line is open to nobody.
"""

from ..models.staff import (
    ADMINISTRATOR,
    AUDITOR,
    COORDINATOR,
    KEYER,
    LEAD,
    RESEARCHER,
    ROLES,
)

# What each role is for, as pages that give it and the demonstration say.
DOES = {
    ADMINISTRATOR: "staff, teams, and the record of who did what",
    COORDINATOR: "campaigns, links, letters, paper forms, response counts",
    KEYER: "paper forms, keyed and looked at, and nothing else",
    RESEARCHER: "exports without names, validation runs and their reports",
    LEAD: "involvement over time, of the whole trust or of some teams",
    AUDITOR: "the record of who did what, and nothing else",
}
EVERYONE = frozenset(ROLES)
MAY_OPEN = {
    "campaigns": {COORDINATOR},
    "links": {COORDINATOR},
    "open_links": {COORDINATOR},
    "importing": {COORDINATOR},
    "printing": {COORDINATOR},
    "messages": {COORDINATOR},
    "outbox": {COORDINATOR},
    "reminders": {COORDINATOR},
    "thanks": {COORDINATOR},
    "notices": {COORDINATOR},
    "waves": {COORDINATOR},
    "asking": {COORDINATOR},
    "life": {COORDINATOR},
    "settings": {COORDINATOR},
    "responses": {COORDINATOR},
    "companions": {COORDINATOR},
    "contacts": {COORDINATOR},
    "person": {COORDINATOR},
    "preview": {COORDINATOR, RESEARCHER},
    "keying": {COORDINATOR, KEYER},
    "keying.differences": {COORDINATOR},
    "keying.resolve": {COORDINATOR},
    "keying.remove": {COORDINATOR},
    "keying.confirm_remove": {COORDINATOR},
    "keying.rates": {COORDINATOR},
    "tracking": {COORDINATOR, LEAD, RESEARCHER},
    "lead_comments": {COORDINATOR, LEAD, RESEARCHER},
    "targets": {LEAD},
    "comments": {ADMINISTRATOR, COORDINATOR, RESEARCHER},
    "comment_readers": {COORDINATOR},
    "improvement": {LEAD},
    "research": {RESEARCHER},
    "runs": {RESEARCHER},
    "admin": {ADMINISTRATOR},
    "audit": {ADMINISTRATOR, AUDITOR},
    "accounts": {ADMINISTRATOR},
    "places": {ADMINISTRATOR},
    "staff": EVERYONE,
    "own_account": EVERYONE,
    "security": EVERYONE,
}
# Opened without a sign-in: by anyone, or by whoever holds a link, code or visit.
OPEN = {
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
# Whose pages look at teams themselves: of a trust they show what is of one's own.
LOOK_AT_TEAMS = {"tracking", "lead_comments", "improvement", "targets"}


def is_open(endpoint):
    """Whether a page asks for no sign-in."""
    return endpoint in OPEN or blueprint_of(endpoint) in OPEN


def roles_for(endpoint):
    """The roles that may open a page; none where it has no line."""
    return frozenset(MAY_OPEN.get(endpoint, MAY_OPEN.get(blueprint_of(endpoint), ())))


def may_open(user, endpoint):
    """Whether somebody who is signed in may open a page, somewhere."""
    return not roles_for(endpoint).isdisjoint(user.role_names)


def blueprint_of(endpoint):
    return endpoint.partition(".")[0]
