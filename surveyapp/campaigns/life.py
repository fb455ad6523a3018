"""The life of a campaign: opened, paused, closed, opened again, archived.

Each act is lawful in some states only, is one transaction and stands in the audit.
"""

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from .. import audit
from ..errors import InvalidAnswers
from ..models import (
    Invitation,
    Mailing,
    Message,
)
from . import check_list

LONGEST_REASON = 500
# Act -> the states in which it may be done.
MAY = {
    "open": {"draft"},
    "pause": {"open"},
    "resume": {"paused"},
    "close": {"ready", "open", "paused"},
    "reopen": {"closed"},
    "archive": {"closed"},
    "restore": {"archived"},
    "delete": {"draft"},
}
MEANWHILE = "That cannot be done in the state that the campaign is in now"
WAS_USED = "This draft was used already: open it, close it and archive it"


def may(campaign, now):
    """The acts that may be done now, in the order of MAY."""
    state = campaign.state(now)
    return [act for act, states in MAY.items() if state in states]


def perform(session, campaign, act, *, actor, now, reason="", closes_at=None):
    """Do one act of MAY but `delete`. Commits.

    InvalidAnswers where something is left to do before it opens, no reason is given
    to open it again, or its state does not let this be done any more.
    """
    session.refresh(campaign, with_for_update=True)
    if act not in may(campaign, now):
        session.rollback()
        raise InvalidAnswers({"act": MEANWHILE})
    detail = DO[act](session, campaign, now, reason.strip(), closes_at) or {}
    audit.record(
        session, actor=actor, action=f"campaign.{PAST[act]}", subject=campaign, **detail
    )
    session.commit()


def _open(session, campaign, now, *_):
    lacking = check_list.problems(session, campaign, now=now)
    if lacking:
        session.rollback()
        raise InvalidAnswers({"open": "; ".join(lacking)})
    campaign.is_draft = False
    campaign.opens_at = max(campaign.opens_at, now)


def _pause(_session, campaign, now, *_):
    campaign.paused_at = now


def _resume(_session, campaign, *_):
    campaign.paused_at = None


def _close(_session, campaign, now, *_):
    campaign.closes_at, campaign.paused_at = now, None
    campaign.opens_at = min(campaign.opens_at, now)


def _reopen(session, campaign, now, reason, closes_at):
    problems = {}
    if not reason:
        problems["reason"] = "Say why it opens again"
    if closes_at is not None and closes_at <= now:
        problems["closes"] = "Enter a day after today, or none"
    if problems:
        session.rollback()
        raise InvalidAnswers(problems)
    campaign.closes_at = closes_at
    reasons = campaign.reasons or []
    campaign.reasons = [*reasons, [now.isoformat(), reason[:LONGEST_REASON]]]
    return {"n": len(campaign.reasons)}


def _archive(_session, campaign, now, *_):
    campaign.archived_at = now


def _restore(_session, campaign, *_):
    campaign.archived_at = None


DO = {
    "open": _open,
    "pause": _pause,
    "resume": _resume,
    "close": _close,
    "reopen": _reopen,
    "archive": _archive,
    "restore": _restore,
}
PAST = {
    "open": "opened",
    "pause": "paused",
    "resume": "resumed",
    "close": "closed",
    "reopen": "reopened",
    "archive": "archived",
    "restore": "restored",
}


def delete_draft(session, campaign, *, actor, now):
    """Delete a draft that nobody was asked by, its links and tests with it. Commits."""
    session.refresh(campaign, with_for_update=True)
    if "delete" not in may(campaign, now):
        session.rollback()
        raise InvalidAnswers({"act": MEANWHILE})
    trust, number = campaign.trust, campaign.id
    try:
        printed = Mailing.carrier.in_(("links", "open_links", "posters"))
        session.execute(delete(Mailing).where(Mailing.campaign_id == number, printed))
        tests = Message.invitation_id.is_(None), Message.status != "sending"
        session.execute(delete(Message).where(Message.campaign_id == number, *tests))
        links = Invitation.campaign_id == number
        session.execute(delete(Invitation).where(links))
        session.delete(campaign)
        session.flush()
    except IntegrityError:
        session.rollback()
        raise InvalidAnswers({"act": WAS_USED}) from None
    audit.record(
        session, actor=actor, action="campaign.deleted", subject=trust, number=number
    )
    session.commit()
