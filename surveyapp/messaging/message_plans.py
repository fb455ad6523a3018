"""The plan of a campaign: made, begun, paused; looked at ahead, and put into rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..calendar import LONDON
from ..database import take_turns
from ..errors import InvalidAnswers
from ..models import Campaign, Contact, Invitation, Message, MessagePlan, PlanStep
from ..models.message_plan import STEP_CHANNELS
from ..running_config import running_config
from . import people, schedule, sending_days
from .carriers.choice import names_for

MOST_STEPS = 6
USUAL = ((0, "preferred"), (14, "preferred"), (28, "print"))


@dataclass(frozen=True)
class Preview:
    """What a plan would send to whom when, if nobody answered.

    `counts` is (day, step, channel) -> how many; `unreached` are those whom no step
    reaches.
    """

    counts: Counter[tuple[date, int, str]]
    n_people: int
    unreached: int


def plan_of(session: Session, campaign: Campaign) -> MessagePlan | None:
    return session.scalar(select(MessagePlan).filter_by(campaign_id=campaign.id))


def preview(session: Session, plan: MessagePlan, *, now: datetime) -> Preview:
    """Numbers by day, from the very function that the sender asks. Writes nothing."""
    rules, n, unreached = people.rules_of(plan), 0, 0
    counts: Counter[tuple[date, int, str]] = Counter()
    first_day = rules.days.first_day(now)
    for ids in people.batches(session, plan, now=now):
        for person in people.persons(session, plan.campaign, ids):
            to_come = [*schedule.upcoming(person, rules, first_day)]
            counts.update((p.day, p.step.number, p.channel) for p in to_come)
            n += 1
            unreached += not to_come and not person.went
    return Preview(counts, n, unreached)


def put_due(session: Session, plan: MessagePlan, *, now: datetime) -> int:
    """Put what the plan has for today in the outbox, each message once. Commits.

    Some people at a time, under the plan's lock: of two workers the second sees what
    the first has put. Returns how many were put.
    """
    n, plan_id = 0, plan.id
    if not _may_go_today(plan, now):
        session.commit()
        return n  # nobody has to be looked at
    for ids in people.batches(session, plan, now=now, only_due=True):
        session.commit()
        locked = session.get(
            MessagePlan, plan_id, populate_existing=True, with_for_update=True
        )
        if locked is None or not locked.is_running or not locked.campaign.is_open(now):
            session.rollback()
            return n
        n += _put(session, locked, ids, now=now)
        session.commit()
        take_turns(session)
    session.commit()
    return n


def _may_go_today(plan: MessagePlan, now: datetime) -> bool:
    """Whether the hours and days of a plan let anything more go today."""
    today = now.astimezone(LONDON).date()
    return sending_days.of(plan).first_day(now) <= today


def _put(
    session: Session, plan: MessagePlan, ids: Sequence[int], *, now: datetime
) -> int:
    rules = people.rules_of(plan)
    today = now.astimezone(LONDON).date()
    first_day = rules.days.first_day(now)
    if not _may_go_today(plan, now):
        return 0
    due = []
    for person in people.persons(session, plan.campaign, ids):
        planned = next(schedule.upcoming(person, rules, first_day), None)
        if planned is not None and planned.day == today:
            due.append(planned)
    invitations = _invitations(session, plan.campaign, due)
    ids = [planned.contact_id for planned in due]
    came = select(Contact.id, Contact.created_at).where(Contact.id.in_(ids))
    since = {number: at for number, at in session.execute(came)}
    for planned in due:
        session.add(
            _message(
                plan,
                planned,
                invitations[planned.contact_id],
                rules,
                since=since[planned.contact_id],
                now=now,
            )
        )
    return len(due)


def _invitations(
    session: Session, campaign: Campaign, due: Sequence[schedule.Planned]
) -> dict[int, Invitation]:
    """The personal invitation of each of these people; who has none gets one."""
    ids = [planned.contact_id for planned in due]
    held = session.scalars(
        select(Invitation).where(
            Invitation.campaign_id == campaign.id,
            Invitation.contact_id.in_(ids),
            Invitation.respondent_id.is_(None),
            Invitation.is_open.is_(False),
        )
    )
    found = {i.contact_id: i for i in held if i.contact_id is not None}
    lacking = [each for each in ids if each not in found]
    for contact in session.scalars(select(Contact).where(Contact.id.in_(lacking))):
        found[contact.id] = Invitation(
            campaign=campaign,
            contact=contact,
            team_id=contact.team_id or (campaign.only_team and campaign.only_team.id),
            perspective=contact.perspective,
        )
    return found


def _message(
    plan: MessagePlan,
    planned: schedule.Planned,
    invitation: Invitation,
    rules: schedule.Rules,
    *,
    since: datetime,
    now: datetime,
) -> Message:
    """`since` is when the contact came in: SQLite gives numbers of old ones again."""
    step = planned.step
    key = f"{plan.campaign_id}.{planned.contact_id}.{step.number}"
    by_letter = planned.channel == "print"
    usual = names_for(running_config(), planned.channel)[0]
    return Message(
        campaign_id=plan.campaign_id,
        invitation=invitation,
        step=step.number,
        channel=planned.channel,
        carrier=step.letters_by if by_letter else usual,
        has_form=step.has_form and by_letter,
        template="",
        idempotency_key=f"plan.{key}.{since:%Y%m%d%H%M%S%f}",
        due_at=rules.days.next_moment(now),
    )


def make(
    session: Session, campaign: Campaign, *, actor: str, now: datetime
) -> MessagePlan:
    """The usual plan, to be changed: now, after two weeks, a letter after four."""
    held = plan_of(session, campaign)
    if held is not None:
        return held
    plan = MessagePlan(
        campaign=campaign,
        starts_on=now.astimezone(LONDON).date(),
        steps=[
            PlanStep(number=n, after_days=days, channel=channel)
            for n, (days, channel) in enumerate(USUAL, start=1)
        ],
    )
    session.add(plan)
    audit.record(session, actor=actor, action="plan.made", subject=campaign, at=now)
    session.commit()
    return plan


@dataclass(frozen=True)
class Wanted:
    """What somebody would have a plan be; None where a number could not be read."""

    starts_on: date | None
    from_hour: int | None
    until_hour: int | None
    on_weekends: bool
    most: int | None
    within_days: int | None
    steps: Sequence[tuple[int | None, str, str, bool]]


def change(
    session: Session, plan: MessagePlan, wanted: Wanted, *, actor: str, now: datetime
) -> None:
    """Let a plan be as wanted from now on; what went stays. Commits.

    Raises InvalidAnswers with what is wrong, by field.
    """
    problems = problems_of(wanted)
    if problems:
        raise InvalidAnswers(problems)
    for name in ("starts_on", "from_hour", "until_hour", "on_weekends", "most"):
        setattr(plan, name, getattr(wanted, name))
    plan.within_days = wanted.within_days or plan.within_days
    held = {step.number: step for step in plan.steps}
    steps = []
    for number, (days, channel, by, has_form) in enumerate(wanted.steps, start=1):
        step = held.get(number) or PlanStep(number=number)
        step.after_days, step.channel = days or 0, channel
        step.letters_by, step.has_form = by, has_form
        steps.append(step)
    plan.steps = steps
    audit.record(
        session,
        actor=actor,
        action="plan.changed",
        subject=plan.campaign,
        at=now,
        steps=len(steps),
    )
    session.commit()


def problems_of(wanted: Wanted) -> dict[str, str]:
    """What is wrong with a plan, by field."""
    problems = {}
    if wanted.starts_on is None:
        problems["starts_on"] = "Enter the day of the first message"
    hours = (wanted.from_hour, wanted.until_hour)
    if None in hours or not 0 <= (hours[0] or 0) < (hours[1] or 0) <= 24:
        problems["from_hour"] = "Enter two hours of one day, such as 9 and 18"
    for name, most in (("most", 20), ("within_days", 365)):
        if not 1 <= (getattr(wanted, name) or 0) <= most:
            problems[name] = f"Enter a number from 1 to {most}"
    if not 1 <= len(wanted.steps) <= MOST_STEPS:
        problems["step-1"] = f"A plan has 1 to {MOST_STEPS} messages"
    before = -1
    for number, (days, channel, _, has_form) in enumerate(wanted.steps, start=1):
        place = f"step-{number}"
        if days is None or days > 365 or days <= before or (number == 1 and days):
            problems[place] = "Enter more days than for the message before; first 0"
        elif channel not in STEP_CHANNELS:
            problems[place] = "Choose a way"
        elif has_form and channel != "print":
            problems[place] = "A paper form goes with a letter"
        before = days if days is not None else before
    if sum(has_form for *_, has_form in wanted.steps) > 1:
        problems["step-1"] = "One message of a plan can bring the paper form"
    return problems


def begin(session: Session, plan: MessagePlan, *, actor: str, now: datetime) -> None:
    """Let the plan run, for the first time or after a pause. Commits."""
    if not plan.campaign.is_open(now):
        raise InvalidAnswers({"plan": "The campaign is not open: open it first"})
    plan.started_at, plan.paused_at = plan.started_at or now, None
    audit.record(
        session, actor=actor, action="plan.begun", subject=plan.campaign, at=now
    )
    session.commit()


def pause(session: Session, plan: MessagePlan, *, actor: str, now: datetime) -> None:
    """Let nothing more go until it is begun again; what is due waits. Commits."""
    plan.paused_at = now
    audit.record(
        session, actor=actor, action="plan.paused", subject=plan.campaign, at=now
    )
    session.commit()


def first_possible(plan: MessagePlan, now: datetime) -> date:
    """The first day on which something of a plan may go."""
    return sending_days.of(plan).first_day(now)
