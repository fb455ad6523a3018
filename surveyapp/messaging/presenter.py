"""What the pages of messages show: tags, bars of the days to come, numbers."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..calendar import local_time
from ..models import Campaign, Mailing, Message, MessagePlan
from . import composing, stops
from .texts import CHANNELS

FIRST_MESSAGES = timedelta(minutes=3)  # a worker puts them together every minute
WIDTH, HEIGHT, FOOT, LEFT = 640, 200, 28, 36
SHOWN = 50
STATUSES = {
    "due": ("Waiting", "grey"),
    "sending": ("Being sent", "blue"),
    "sent": ("Sent", "green"),
    "delivered": ("Delivered", "green"),
    "uncertain": ("Uncertain", "orange"),
    "failed": ("Failed", "red"),
    "cancelled": ("Stopped", "grey"),
}
STEP_CHANNELS = {"preferred": "The way that each person prefers", **CHANNELS}
LETTERS_BY = {
    "print": "Printed here",
    "file": "A mailing house",
    "notify": "GOV.UK Notify",
}


@dataclass(frozen=True)
class Bar:
    """One day of the picture: where its bar stands, and what it says."""

    label: str
    n: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Picture:
    """The days to come as bars; `most` is the number at the top."""

    bars: tuple[Bar, ...]
    most: int
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - FOOT


def picture(counts: Counter[tuple[date, int, str]]) -> Picture | None:
    """A bar for each day on which something would go; None where nothing would."""
    by_day: Counter[date] = Counter()
    for (day, _, _), n in counts.items():
        by_day[day] += n
    if not by_day:
        return None
    first, last, most = min(by_day), max(by_day), max(by_day.values())
    wide = (WIDTH - LEFT) / max((last - first).days + 1, 14)
    tall = HEIGHT - FOOT - 12
    bars = tuple(
        Bar(
            _day(day),
            n,
            round(LEFT + wide * (day - first).days, 1),
            round(HEIGHT - FOOT - tall * n / most, 1),
            round(max(wide - 2, 2), 1),
            round(tall * n / most, 1),
        )
        for day, n in sorted(by_day.items())
    )
    return Picture(bars, most, _day(first), _day(last))


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def rows_of(counts: Counter[tuple[date, int, str]]) -> list[tuple[str, int, str, int]]:
    """Day, step, way and number, in order."""
    return [
        (_day(day), step, CHANNELS[c], n)
        for (day, step, c), n in sorted(counts.items())
    ]


def counts(session: Session, campaign: Campaign) -> dict[str, int]:
    """Status -> how many messages of a campaign have it, without tests to one's own."""
    rows = session.execute(
        select(Message.status, func.count())
        .where(Message.campaign_id == campaign.id, Message.invitation_id.is_not(None))
        .group_by(Message.status)
    ).all()
    held = {status: n for status, n in rows}
    return {status: held.get(status, 0) for status in STATUSES}


def is_beginning(plan: MessagePlan, counts: dict[str, int], now: datetime) -> bool:
    """Whether the first messages of a plan that was just begun are still to come."""
    began = plan.started_at
    is_fresh = began is not None and now - began < FIRST_MESSAGES
    return plan.is_running and is_fresh and not any(counts.values())


def step_counts(session: Session, campaign: Campaign) -> dict[int, dict[str, int]]:
    """Step -> status -> how many."""
    rows = session.execute(
        select(Message.step, Message.status, func.count())
        .where(Message.campaign_id == campaign.id, Message.step.is_not(None))
        .group_by(Message.step, Message.status)
        .order_by(Message.step)
    ).all()
    found: dict[int, dict[str, int]] = {}
    for step, status, n in rows:
        found.setdefault(step or 0, dict.fromkeys(STATUSES, 0))[status] = n
    return found


@dataclass(frozen=True)
class Shown:
    """A message as the outbox lists it; `to` only where a person has to settle it."""

    id: int
    status: str
    channel: str
    step: int | None
    when: str
    why: str
    to: str
    is_undeliverable: bool
    is_letter: bool
    is_test: bool


def listed(session: Session, campaign: Campaign, status: str) -> list[Shown]:
    """The newest messages of a status."""
    found = session.scalars(
        select(Message)
        .where(Message.campaign_id == campaign.id, Message.status == status)
        .order_by(Message.id.desc())
        .limit(SHOWN)
    )
    return [_shown(message) for message in found]


def _shown(message: Message) -> Shown:
    contact = message.invitation.contact if message.invitation else None
    to = contact.name if contact and message.status in ("uncertain", "failed") else ""
    return Shown(
        message.id,
        message.status,
        CHANNELS[message.channel],
        message.step,
        local_time(message.sent_at or message.due_at),
        stops.REASONS.get(message.failure or "", message.failure or ""),
        to,
        message.is_undeliverable,
        message.channel == "print",
        message.invitation_id is None,
    )


def job_state(mailing: Mailing) -> dict[str, Any]:
    """How far the making of a mailing is, in words and percent."""
    job = mailing.job
    is_open = mailing.stage == "making" and job is not None and job.is_open
    words = "Waiting for its turn"
    if job is not None and job.status == "running":
        words = f"Being made: file {len(job.steps)}"
    return {
        "is_open": is_open,
        "is_stopped": mailing.stage == "making" and not is_open,
        "words": words,
        "percent": round(100 * job.progress) if job else 0,
        "problem": job.problem if job else None,
    }


def state_of(plan: MessagePlan) -> tuple[str, str]:
    """The word for how a plan stands, and the colour of its tag."""
    if plan.started_at is None:
        return "Not begun", "grey"
    return ("Paused", "yellow") if plan.paused_at else ("Running", "green")


def kind_of(step: int) -> str:
    return composing.kind_of(step)
