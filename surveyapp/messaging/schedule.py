"""Who gets what, when: one function, which the preview counts and the sender obeys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from .sending_days import DAY, SendingDays


@dataclass(frozen=True)
class Step:
    """One message of a plan; `after_days` counts from the person's first."""

    number: int
    after_days: int
    channel: str
    letters_by: str = "print"
    has_form: bool = False


@dataclass(frozen=True)
class Rules:
    """The plan of a campaign, as far as days go."""

    steps: Sequence[Step]
    days: SendingDays
    starts_on: date
    closes_on: date | None
    most: int
    within_days: int


@dataclass(frozen=True)
class Person:
    """Somebody who may be written to, and what went to them.

    `channels` are those that reach them, the one that they prefer first; `went` is
    step -> day in this campaign; `days` are those of messages in any campaign.
    """

    contact_id: int
    channels: Sequence[str]
    went: Mapping[int, date] = field(default_factory=dict)
    days: Sequence[date] = ()


@dataclass(frozen=True)
class Planned:
    """What is to go to somebody on a day."""

    contact_id: int
    step: Step
    channel: str
    day: date


def upcoming(person: Person, rules: Rules, first_day: date) -> Iterator[Planned]:
    """All that is still to go to one person who does not answer, day by day.

    `first_day` is the first on which something may go. A step that does not reach
    somebody is passed over; after a pause the steps keep their distances. What would
    exceed the cap waits until it does not, and nothing goes after the campaign's end.
    """
    last = max(person.went, default=0)
    start, before = _start(person, rules), _latest(person, rules)
    days = sorted(person.days)
    for step in rules.steps:
        channel = channel_of(step, person.channels)
        if step.number <= last or channel is None:
            continue
        day = max(start + timedelta(days=step.after_days), first_day)
        if before is not None:
            apart = timedelta(days=step.after_days - before[0].after_days)
            day = max(day, before[1] + max(apart, DAY))
        day = _with_cap(rules.days.next_open(day), days, rules)
        if rules.closes_on is not None and day > rules.closes_on:
            return
        yield Planned(person.contact_id, step, channel, day)
        days, before = sorted([*days, day]), (step, day)


def channel_of(step: Step, channels: Sequence[str]) -> str | None:
    """By which way a step reaches somebody, or None."""
    if step.channel == "preferred":
        return channels[0] if channels else None
    return step.channel if step.channel in channels else None


def _start(person: Person, rules: Rules) -> date:
    """The day from which a person's steps count: so that what went keeps its place."""
    known = {step.number: step for step in rules.steps}
    begun = [
        day - timedelta(days=known[number].after_days)
        for number, day in person.went.items()
        if number in known
    ]
    return min(begun, default=rules.starts_on)


def _latest(person: Person, rules: Rules) -> tuple[Step, date] | None:
    """The last step that went, and its day."""
    known = {step.number: step for step in rules.steps}
    went = [(known[n], day) for n, day in person.went.items() if n in known]
    return max(went, key=lambda each: each[1]) if went else None


def _with_cap(day: date, days: Sequence[date], rules: Rules) -> date:
    """The day, or the first open one after it on which the cap lets a message go."""
    span = timedelta(days=rules.within_days)
    while True:
        recent = [each for each in days if day - span < each <= day]
        if len(recent) < rules.most:
            return day
        day = rules.days.next_open(sorted(recent)[-rules.most] + span)
