"""Who may enter: one `before_request` for each blueprint, and a trust's boundary.

A role holds in a whole trust or in some of its teams. Whoever has it in teams
reaches the campaigns that ask about those teams and no others.
"""

import re
from urllib.parse import urlsplit

from flask import g, redirect, request, url_for
from flask import session as cookie
from flask_security import current_user
from sqlalchemy import select

from ..errors import NotAllowed, NotFound
from ..models import Campaign, Team
from . import permissions

READS = {"GET", "HEAD"}
CAME_FROM = "came_from"  # in the cookie of who signs in, until they have
LONGEST_ADDRESS = 500  # a cookie holds no more than 4 kB of all
A_PAGE_HERE = re.compile(r"/(?![/\\])[^\\\s]*")


def init_app(app):
    """Refuse every page of a feature that the table of permissions does not know."""

    @app.before_request
    def refuse_unlisted():
        endpoint = request.endpoint
        if not endpoint or "." not in endpoint or permissions.is_open(endpoint):
            return
        if not permissions.roles_for(request.endpoint):
            raise NotAllowed("nobody may open this page")


def admit():
    """A guard that lets in staff who hold a role that may open the page.

    It leaves in `g.trust_ids` the trusts where they hold it, and in `g.team_ids` the
    teams where they do so without holding it in the whole trust.
    """

    def guard():
        if not current_user.is_authenticated:
            if request.method in READS:
                return to_sign_in()
            raise NotAllowed("sign in first")
        roles = permissions.roles_for(request.endpoint)
        if not any(current_user.has_role(role) for role in roles):
            raise NotAllowed(f"needs one of the roles {', '.join(sorted(roles))}")
        if permissions.blueprint_of(request.endpoint) in permissions.LOOK_AT_TEAMS:
            g.trust_ids, g.team_ids = current_user.trust_ids(*roles), set()
        else:
            g.trust_ids = current_user.whole_trust_ids(*roles)
            g.team_ids = current_user.single_team_ids(*roles)
        return None

    return guard


def to_sign_in():
    """The page of signing in, which leads back to where somebody was.

    What was sent is not sent again by that: it leads to the page that it was sent from.
    Whoever has forgotten the password comes back by a one-time link as well.
    """
    here = _here()
    if here and len(here) <= LONGEST_ADDRESS:
        cookie[CAME_FROM] = here
    return redirect(url_for("security.login", next=here), 303)


def came_from(address):
    """The address of a page here that somebody came from, else None."""
    return address if address and A_PAGE_HERE.fullmatch(address) else None


def _here():
    if request.method in READS:
        return request.full_path.rstrip("?")
    sent_from = urlsplit(request.referrer or "")
    if sent_from.netloc != request.host or not came_from(sent_from.path):
        return None
    return f"{sent_from.path}?{sent_from.query}".rstrip("?")


def within_reach(session, kind, record_id):
    """The record, if the person's roles reach it; else NotFound.

    What exists in another trust and what exists nowhere look the same.
    """
    record = session.get(kind, record_id)
    if record is None or not is_reached(record, g.trust_ids, g.team_ids):
        raise NotFound()
    return record


def is_reached(record, trust_ids, team_ids):
    """Whether a record is of one of the trusts, or asks about those teams alone."""
    if record.trust_id in trust_ids:
        return True
    campaign = record if isinstance(record, Campaign) else _campaign_of(record)
    teams = {team.now.id for team in campaign.teams} if campaign else set()
    return bool(teams) and teams <= team_ids


def _campaign_of(record):
    return getattr(record, "campaign", None)


def reaches(user, campaign, role):
    """Whether a role of somebody's reaches a campaign."""
    wholly, in_part = user.whole_trust_ids(role), user.single_team_ids(role)
    return is_reached(campaign, wholly, in_part)


def campaign_ids(session):
    """Numbers of the campaigns that the person's roles reach on this page."""
    found = set(
        session.scalars(select(Campaign.id).where(Campaign.trust_id.in_(g.trust_ids)))
    )
    if g.team_ids:
        trusts = select(Team.trust_id).where(Team.id.in_(g.team_ids))
        theirs = select(Campaign).where(Campaign.trust_id.in_(trusts))
        found |= {
            campaign.id
            for campaign in session.scalars(theirs)
            if is_reached(campaign, set(), g.team_ids)
        }
    return found
