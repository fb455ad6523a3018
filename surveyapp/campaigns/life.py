"""The life of a campaign: opened, paused, closed, opened again, archived, cloned.

Each act is lawful in some states only, is one transaction and stands in the audit.
"""

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from .. import audit
from ..errors import InvalidAnswers
from ..models import (
    Campaign,
    CampaignInstrument,
    CommentProtocol,
    CommentReader,
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


CLONED = [
    *("purpose", "modes", "languages", "companion_measures", "items_per_page"),
    *("item_order", "booklet_length", "return_address", "contact", "headline"),
    *("asks_contacts", "n_wanted", "split_ballot", "thanks"),
]


def clone(session, campaign, *, title, actor, now):
    """A draft with all that was chosen for another, as its next wave. Commits.

    Teams that are closed are left out. Notices are begun from the trust's last; who
    reads comments, and the risk protocol, are the same.
    """
    if not title.strip():
        raise InvalidAnswers({"title": "Enter a title"})
    made = Campaign(
        trust=campaign.trust,
        title=title.strip()[:200],
        teams=[team for team in campaign.teams if team.is_active],
        opens_at=now,
        is_draft=True,
        previous_id=campaign.id,
        instruments=[
            CampaignInstrument(perspective=c.perspective, instrument=c.instrument)
            for c in campaign.instruments
        ],
        **{name: getattr(campaign, name) for name in CLONED},
    )
    session.add(made)
    session.flush()
    _copy_readers(session, campaign, made)
    audit.record(
        session,
        actor=actor,
        action="campaign.cloned",
        subject=made,
        of=campaign.id,
    )
    session.commit()
    return made


def _copy_readers(session, campaign, made):
    protocol = session.get(CommentProtocol, campaign.id)
    if protocol is not None:
        same = {"steps": protocol.steps, "days": protocol.days}
        session.add(CommentProtocol(campaign_id=made.id, **same))
    of = CommentReader.campaign_id == campaign.id
    for user_id in session.scalars(select(CommentReader.staff_user_id).where(of)):
        session.add(CommentReader(campaign_id=made.id, staff_user_id=user_id))


def chain(session, campaign):
    """The campaigns that this one is a wave after, nearest first, and those after."""
    before, at = [], campaign
    while at.previous_id is not None and len(before) < 50:
        at = session.get(Campaign, at.previous_id)
        before.append(at)
    after = session.scalars(
        select(Campaign)
        .where(Campaign.previous_id == campaign.id)
        .order_by(Campaign.id)
    ).all()
    return before, after
