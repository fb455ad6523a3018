"""How far people came who were asked: from the list to what they sent, in numbers.

Rows of few people are not shown beyond how many were asked: what one person did is
nobody's to read off a table.
"""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select

from ..assessments import suppression
from ..assessments.few_asked import LEAST
from ..assessments.labels import PERSPECTIVES
from ..assessments.reminders import listed
from ..calendar import LONDON
from ..models import Assessment, Contact, Invitation, Message, RespondentSession, Team

STAGES = {
    "asked": "Asked",
    "sent": "Sent to them",
    "delivered": "Delivered",
    "opened": "Opened the link",
    "started": "Began",
    "submitted": "Sent answers",
    "declined": "Said no",
    "undeliverable": "Undeliverable",
}
WAY_WORDS = {"print": "Letter", "email": "E-mail", "sms": "Text"}
NO_MESSAGE = "Link, code or paper form"
DIMENSIONS = {
    "way": "First written to by",
    "team": "Team",
    "perspective": "Answering as",
    "wave": "Wave",
    "month": "Month of the invitation",
}


@dataclass(frozen=True)
class Row:
    """Stage -> how many; None where too few were asked to say so."""

    name: str
    counts: dict

    @property
    def is_shown(self):
        return self.counts["started"] is not None


@dataclass(frozen=True)
class Funnel:
    """All of a campaign, and by each dimension that has more than one row."""

    n_listed: int | None  # None where the campaign asks nobody on a list
    n_suppressed: int
    total: Row
    by: dict
    rate: tuple | None  # share, lower, upper, in percent
    n_open: int  # began by links that many use, and sent
    n_open_sent: int
    n_sent: int  # all that count, by whatever way; and those of earlier files
    n_imported: int


def funnel_of(session, campaign, *, now):
    """The funnel of a campaign as it is at `now`."""
    people = _invited(session, campaign)
    reached = _reached(session, campaign)
    total = _row("All", [number for number in people], reached)
    by = {}
    for dimension in DIMENSIONS:
        rows = _rows(people, reached, dimension)
        if len(rows) > 1:
            by[dimension] = rows
    listed, suppressed = _listed(session, campaign, now)
    n_open, n_open_sent = _openly(session, campaign)
    return Funnel(
        *(listed, suppressed, _masked([total])[0], by, _rate(total)),
        *(n_open, n_open_sent),
        *_sent_in_all(session, campaign),
    )


def _invited(session, campaign):
    """Invitation of one person -> what it is counted by."""
    first = dict(
        map(
            tuple,
            session.execute(
                select(Message.invitation_id, func.min(Message.id))
                .join(Invitation, Invitation.id == Message.invitation_id)
                .where(Invitation.campaign_id == campaign.id)
                .group_by(Message.invitation_id)
            ).all(),
        )
    )
    channels = dict(
        map(
            tuple,
            session.execute(
                select(Message.id, Message.channel)
                .join(Invitation, Invitation.id == Message.invitation_id)
                .where(Invitation.campaign_id == campaign.id)
            ).all(),
        )
    )
    rows = session.execute(
        select(
            Invitation.id,
            func.coalesce(Invitation.perspective, Contact.perspective),
            Team.name,
            Invitation.wave,
            Invitation.created_at,
        )
        .join(Contact, Contact.id == Invitation.contact_id, isouter=True)
        .join(Team, Team.id == Invitation.team_id, isouter=True)
        .where(Invitation.campaign_id == campaign.id, Invitation.is_open.is_(False))
        .order_by(Invitation.id)
    )
    found = {}
    for number, perspective, team, wave, made in rows:
        channel = channels.get(first.get(number))
        found[number] = {
            "way": WAY_WORDS.get(channel, NO_MESSAGE),
            "team": team or "No team",
            "perspective": _words(perspective),
            "wave": f"Wave {wave}",
            "month": f"{made.astimezone(LONDON):%Y-%m}",
        }
    return found


def _words(perspective):
    known = PERSPECTIVES.get(perspective)
    return known.many if known else "Not said beforehand"


def _reached(session, campaign):
    """Stage -> the invitations that came so far."""
    mine = Invitation.campaign_id == campaign.id

    def of(kind, *conditions):
        column = kind.invitation_id
        found = select(column).join(Invitation, Invitation.id == column)
        return {*session.scalars(found.where(mine, *conditions))}

    no = select(Invitation.id).join(Contact, Contact.id == Invitation.contact_id)
    used = select(Invitation.id).where(
        mine, Invitation.status.in_(("sent", "started", "answered", "withdrawn"))
    )
    started, submitted = of(Assessment), of(Assessment, Assessment.counts())
    opened = of(RespondentSession) | started
    delivered = of(Message, Message.status == "delivered")
    sent = of(Message, Message.status == "sent") | delivered | opened
    said_no = {*session.scalars(no.where(mine, Contact.opted_out_at.is_not(None)))}
    return {
        "sent": sent | {*session.scalars(used)},
        "delivered": delivered,
        "opened": opened,
        "started": started,
        "submitted": submitted,
        "declined": said_no - submitted,
        "undeliverable": of(Message, Message.status == "failed") - sent,
    }


def _row(name, numbers, reached):
    counts = {stage: len(reached[stage].intersection(numbers)) for stage in reached}
    return Row(name, {"asked": len(numbers), **counts})


def _rows(people, reached, dimension):
    groups = defaultdict(list)
    for number, facts in people.items():
        groups[facts[dimension]].append(number)
    return _masked([_row(name, groups[name], reached) for name in sorted(groups)])


def _masked(rows):
    """The same, with nothing said of what few people did.

    Where the rest of the table would tell of them, the next smallest is not shown
    either.
    """
    small = [row for row in rows if row.counts["asked"] < LEAST]
    others = sorted(
        (row for row in rows if row not in small), key=lambda row: row.counts["asked"]
    )
    if small and others and sum(row.counts["asked"] for row in small) < LEAST:
        small.append(others[0])
    return [
        (
            Row(
                row.name,
                {"asked": row.counts["asked"], **dict.fromkeys(list(STAGES)[1:])},
            )
            if row in small
            else row
        )
        for row in rows
    ]


def _listed(session, campaign, now):
    """(Contacts whom the campaign asks, those of them that are not written to)."""
    if not campaign.asks_contacts:
        return None, 0
    mine = select(func.count(Contact.id)).where(listed(campaign))
    willing = suppression.who_may_be_written_to(
        campaign.trust_id,
        now.astimezone(LONDON).date(),
        heeds_opt_out=suppression.heeds_data_opt_out(campaign),
    ).with_only_columns(Contact.id)
    n_listed = session.scalar(mine)
    return n_listed, n_listed - session.scalar(mine.where(Contact.id.in_(willing)))


def _openly(session, campaign):
    """How many began by a link that many use, and how many of them sent."""
    row = session.execute(
        select(func.count(Assessment.id), func.count().filter(Assessment.counts()))
        .join(Invitation, Invitation.id == Assessment.invitation_id)
        .where(Assessment.campaign_id == campaign.id, Invitation.is_open.is_(True))
    ).one()
    return tuple(row)


def _sent_in_all(session, campaign):
    """Sent answers that count, of all waves; and those of earlier files among them."""
    row = session.execute(
        select(
            func.count(Assessment.id),
            func.count().filter(Assessment.invitation_id.is_(None)),
        ).where(Assessment.campaign_id == campaign.id, Assessment.counts())
    ).one()
    return tuple(row)


def _rate(total):
    """Share of those asked who sent answers, with Wilson's interval, in percent.

    Of those whom nothing reached, too: a response rate that leaves them out flatters.
    """
    n, sent = total.counts["asked"], total.counts["submitted"]
    if n < LEAST:
        return None
    from psychometrics import proportion_interval

    found = proportion_interval(sent, n)
    return tuple(round(100 * found[name]) for name in ("share", "lower", "upper"))
