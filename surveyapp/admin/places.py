"""Trusts and their teams after they were made: changed, merged, closed, opened again.

Each call commits once, with an event. A team that was merged goes on as another: its
links and codes work, who is in its queue waits in the other's, and past figures of
both are one history. That cannot be undone, for groups of both are let out together.
"""

import re

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from .. import audit
from ..errors import InvalidAnswers
from ..models import Campaign, Team

CODE = re.compile(r"[A-Z0-9]([A-Z0-9-]{0,18}[A-Z0-9])?")
CODE_SIGNS = "A code has up to 20 capital letters and numbers, with hyphens between"
TAKEN = "There is a team of this name or code"
TRUST_TAKEN = "Another trust has this code"
OPEN_CAMPAIGNS = "Close its campaigns first: {}"
GOES_ON = "{0.name} goes on as {1.name}, and is not opened again"


def change_trust(session, trust, *, name, code, actor):
    """Give a trust another name or code. InvalidAnswers where one does not fit."""
    trust.name, trust.code = name_and_code(name, code, "Enter the trust's name")
    keep(session, {"code": TRUST_TAKEN})
    audit.record(session, actor=actor, action="trust.changed", subject=trust)
    session.commit()


def change_team(session, team, *, name, code, actor):
    """Give a team another name or code, as it is called in one trust once."""
    team.name, team.code = name_and_code(name, code, "Enter the team's name")
    keep(session, {"name": TAKEN})
    audit.record(session, actor=actor, action="team.changed", subject=team)
    session.commit()


def close_team(session, team, *, actor):
    """Let no new campaign ask about a team; whoever waits joins the last group."""
    team.is_active = False
    audit.record(session, actor=actor, action="team.closed", subject=team)
    session.commit()


def reopen_team(session, team, *, actor):
    """Let campaigns ask about a team again. InvalidAnswers where it was merged."""
    if team.merged_into is not None:
        raise InvalidAnswers({"team": GOES_ON.format(team, team.now)})
    team.is_active = True
    audit.record(session, actor=actor, action="team.reopened", subject=team)
    session.commit()


def merge_team(session, team, into, *, actor):
    """Let a team go on as another of its trust, for good.

    InvalidAnswers where either has been merged before or both are the same.
    """
    rows = select(Team).where(Team.id.in_([team.id, getattr(into, "id", None)]))
    session.scalars(
        rows.order_by(Team.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if into is None or into.trust_id != team.trust_id or into is team:
        raise InvalidAnswers({"into": "Choose the team that it goes on as"})
    if team.merged_into is not None or into.merged_into is not None:
        raise InvalidAnswers({"into": "One of the two was merged before"})
    team.merged_into, team.is_active = into, False
    session.flush()
    told = {"into": into.id}
    audit.record(session, actor=actor, action="team.merged", subject=team, **told)
    session.commit()


def can_go_on_as(team):
    """The teams that another can be merged into."""
    return [
        other
        for other in team.trust.teams
        if other is not team and other.merged_into_id is None and other.is_active
    ]


def close_trust(session, trust, *, actor, now):
    """Let a trust make no campaign any more. InvalidAnswers while one is open."""
    running = or_(Campaign.closes_at.is_(None), Campaign.closes_at > now)
    query = select(Campaign.title).where(Campaign.trust_id == trust.id, running)
    if titles := session.scalars(query.order_by(Campaign.title)).all():
        raise InvalidAnswers({"trust": OPEN_CAMPAIGNS.format(", ".join(titles))})
    trust.closed_at = now
    audit.record(session, actor=actor, action="trust.closed", subject=trust)
    session.commit()


def reopen_trust(session, trust, *, actor):
    """Let a trust make campaigns again."""
    trust.closed_at = None
    audit.record(session, actor=actor, action="trust.reopened", subject=trust)
    session.commit()


def name_and_code(name, code, missing):
    """A name and a code as they are kept; InvalidAnswers where one does not fit."""
    problems, code = {}, code.strip().upper()
    if not name.strip():
        problems["name"] = missing
    if code and not CODE.fullmatch(code):
        problems["code"] = CODE_SIGNS
    if problems:
        raise InvalidAnswers(problems)
    return name.strip()[:200], code or None


def keep(session, taken):
    """Flush; InvalidAnswers with `taken` where the database has another such."""
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise InvalidAnswers(taken) from None
