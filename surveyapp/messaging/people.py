"""The people of a campaign's lists as the schedule takes them, some at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from ..assessments import lists_taken_back, suppression
from ..assessments.reminders import is_over, listed
from ..calendar import LONDON, day_before
from ..models import Campaign, Contact, Invitation, Message, MessagePlan
from . import sending_days
from .schedule import Person, Rules, Step

AT_ONCE = 500
BY_MODE = {"letter": "print", "email": "email", "text": "sms"}
CALLED = "telephone"  # who wants to be called gets nothing in writing
MOBILE = "+447"
NEITHER = ("cancelled", "failed")  # of messages that nobody has got


def rules_of(plan: MessagePlan) -> Rules:
    """A plan as the schedule takes it."""
    closes = plan.campaign.closes_at
    return Rules(
        steps=[
            Step(s.number, s.after_days, s.channel, s.letters_by, s.has_form)
            for s in plan.steps
        ],
        days=sending_days.of(plan),
        starts_on=plan.starts_on,
        closes_on=closes and day_before(closes),
        most=plan.most,
        within_days=plan.within_days,
    )


def batches(
    session: Session, plan: MessagePlan, *, now: datetime, only_due: bool = False
) -> Iterator[Sequence[int]]:
    """Numbers of those who may be written to now, some at a time.

    With `only_due` those are left out whose last message is too recent, or was the
    plan's last, for anything to be due today: the sender looks every minute.
    """
    campaign, after = plan.campaign, 0
    today = now.astimezone(LONDON).date()
    heeds = suppression.heeds_data_opt_out(campaign)
    may = suppression.who_may_be_written_to(
        campaign.trust_id, today, heeds_opt_out=heeds
    )
    may = may.where(listed(campaign), ~is_over(campaign))
    wanted = may.where(~lists_taken_back.is_on_one()).with_only_columns(Contact.id)
    if only_due:
        done = _with_nothing_due(plan, today).subquery()
        wanted = wanted.outerjoin(done, done.c.contact_id == Contact.id)
        left = wanted.where(done.c.contact_id.is_(None)).order_by(Contact.id)
        due = session.scalars(left).all()
        yield from (due[at : at + AT_ONCE] for at in range(0, len(due), AT_ONCE))
        return
    while True:
        some = wanted.where(Contact.id > after).order_by(Contact.id).limit(AT_ONCE)
        found = session.scalars(some).all()
        if not found:
            return
        yield found
        after = found[-1]


def _with_nothing_due(plan: MessagePlan, today: date) -> Select[int | None]:
    """Numbers of those to whom a message went that rules out another one today.

    No step comes sooner after another than the shortest distance from there on, which
    `schedule.upcoming` keeps whatever the cap and the days of sending do to it.
    """
    steps, apart = rules_of(plan).steps, timedelta.max
    day_of = func.coalesce(Message.sent_at, Message.due_at)
    rules_out = [Message.step >= max(step.number for step in steps)]
    for step, following in reversed([*zip(steps, steps[1:])]):
        days = timedelta(days=following.after_days - step.after_days)
        apart = min(apart, max(days, sending_days.DAY))
        begins = datetime.combine(today - apart + sending_days.DAY, time(), LONDON)
        rules_out.append(and_(Message.step == step.number, day_of >= begins))
    return (
        select(Invitation.contact_id)
        .join(Message, Message.invitation_id == Invitation.id)
        .where(Message.campaign_id == plan.campaign_id, or_(*rules_out))
        .distinct()
    )


def persons(
    session: Session, campaign: Campaign, contact_ids: Sequence[int]
) -> list[Person]:
    """These people with the ways to reach them and what went to them before."""
    contacts = session.execute(
        select(
            Contact.id,
            Contact.email.is_not(None),
            Contact.postal_address.is_not(None),
            Contact.telephone,
            Contact.preferences,
        )
        .where(Contact.id.in_(contact_ids))
        .order_by(Contact.id)
    ).all()
    went: dict[int, dict[int, date]] = defaultdict(dict)
    days: dict[int, list[date]] = defaultdict(list)
    dead: dict[int, set[str]] = defaultdict(set)
    for contact_id, message in _messages(session, contact_ids):
        day = (message.sent_at or message.due_at).astimezone(LONDON).date()
        if message.campaign_id == campaign.id and message.step is not None:
            went[contact_id][message.step] = day
        if message.status not in NEITHER:
            days[contact_id].append(day)
        if message.is_undeliverable:
            dead[contact_id].add(message.channel)
    return [
        Person(
            contact_id,
            [c for c in _channels(*ways) if c not in dead[contact_id]],
            went[contact_id],
            days[contact_id],
        )
        for contact_id, *ways in contacts
    ]


def _messages(session: Session, contact_ids: Sequence[int]):
    columns = (
        *(Message.campaign_id, Message.step, Message.status, Message.channel),
        *(Message.due_at, Message.sent_at, Message.is_undeliverable),
    )
    rows = session.execute(
        select(Invitation.contact_id, *columns)
        .join(Invitation, Message.invitation_id == Invitation.id)
        .where(Invitation.contact_id.in_(contact_ids))
        .order_by(Message.id)
    )
    return ((row.contact_id, row) for row in rows)


def _channels(
    has_email: bool, has_address: bool, telephone: str | None, preferences: dict | None
) -> list[str]:
    """The ways that reach somebody, the one that they asked for first."""
    mode = (preferences or {}).get("mode")
    if mode == CALLED:
        return []
    is_mobile = (telephone or "").startswith(MOBILE)
    ways = {"email": has_email, "sms": is_mobile, "print": has_address}
    reached = [channel for channel, there in ways.items() if there]
    return sorted(reached, key=lambda channel: channel != BY_MODE.get(mode or ""))
