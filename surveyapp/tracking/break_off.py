"""Where people stop who began on the web, and how long those took who sent.

Both are counted at night, of days that are over, and told of ten people at least in
each row: places in the form that few stopped at are put together with the next ones.
What is told stays until ten people differ, so that two looks tell of nobody.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import quantiles

from sqlalchemy import exists, func, select

from .. import bank
from ..assessments.questions import arranged_questions
from ..assessments.unsent import UNSENT_DAYS
from ..calendar import LONDON
from ..models import Answer, Assessment, StopsCounted

LEAST = 10  # people in a row
STEP = 10  # statements in a place
MODES = {
    "web": "On the web, alone",
    "telephone": "By telephone",
    "face_to_face": "Face to face",
}
LONGEST = timedelta(days=1)  # who took longer has rested


@dataclass(frozen=True)
class Place:
    """A part of the form: who came to it, and who stopped there."""

    name: str
    n_came: int
    n_stopped: int

    @property
    def n_went_on(self):
        return self.n_came - self.n_stopped


@dataclass(frozen=True)
class BreakOff:
    """`places` is empty where fewer than ten people have stopped."""

    places: tuple
    n_began: int | None  # None where it would tell of fewer than ten
    has_adaptive: bool  # a form that chooses its questions has no order of places
    has_paper: bool


def count_anew(session, campaign, *, now):
    """Count what the page of a campaign tells; kept where ten people differ. Commits.

    Where people stopped and how long they took are each kept by themselves.
    """
    until = last_midnight(now)
    stopped, n_sent, last = _counted(session, campaign, until)
    stops = {"sent": n_sent, "last": last} | {str(at): n for at, n in stopped.items()}
    minutes = _minutes(session, campaign, until)
    held = session.get(StopsCounted, campaign.id)
    before = held or StopsCounted(campaign_id=campaign.id, stops={}, minutes={})
    if n_differ(_people(before.stops), _people(stops)) >= LEAST:
        before.stops, before.counted_at = stops, now
    if n_differ(_numbers(before.minutes), _numbers(minutes)) >= LEAST:
        before.minutes, before.counted_at = minutes, now
    if before.stops or before.minutes:
        session.add(before)
    session.commit()


def n_differ(before, after):
    """How many people two counts differ by at least, by place: moved, new or gone."""
    cells = {*before, *after}
    steps = [after.get(at, 0) - before.get(at, 0) for at in cells]
    return max(sum(n for n in steps if n > 0), -sum(n for n in steps if n < 0))


def _people(stops):
    return {at: n for at, n in stops.items() if at != "last"}


def _numbers(minutes):
    return {mode: len(taken) for mode, taken in minutes.items()}


def break_off_of(session, campaign):
    """Where people of the first wave stopped, of those who began in 30 days."""
    refs = {chosen.instrument for chosen in campaign.instruments}
    has_adaptive = any(bank.instrument(ref).adaptive for ref in refs)
    held = session.get(StopsCounted, campaign.id)
    stops = dict(held.stops) if held else {}
    n_sent, last = stops.pop("sent", 0), stops.pop("last", 2)
    stopped = Counter({int(at): n for at, n in stops.items()})
    places = merged(stopped, n_sent, last)
    n_began = n_sent + sum(stopped.values()) if places else None
    return BreakOff(places, n_began, has_adaptive, "paper" in campaign.modes)


def last_midnight(now):
    """The start of today in London: what came since is not told yet."""
    return datetime.combine(now.astimezone(LONDON).date(), time(), LONDON)


def _counted(session, campaign, until):
    """(place -> how many stopped there, how many sent, number of the last place)."""
    query = select(
        Assessment.instrument_id,
        Assessment.instrument_version,
        Assessment.arrangement,
        Assessment.position,
        Assessment.submitted_at.is_not(None),
        func.count(Assessment.id),
    ).where(
        Assessment.campaign_id == campaign.id,
        Assessment.wave == 1,
        Assessment.mode != "paper",
        Assessment.withdrawn_at.is_(None),
        Assessment.started_at < until,
        Assessment.started_at >= until - timedelta(days=UNSENT_DAYS),
        ~exists().where(
            Answer.assessment_id == Assessment.id, Answer.answered_at >= until
        ),
    )
    stopped, n_sent, last = Counter(), 0, 2
    for name, version, order, position, is_sent, n in session.execute(
        query.group_by(*list(query.selected_columns)[:-1])
    ):
        ref = f"{name}.v{version}"
        if bank.instrument(ref).adaptive:
            continue
        ids = [item.id for item in arranged_questions(ref, order).items]
        last = max(last, 1 + -(-len(ids) // STEP))
        if is_sent:
            n_sent += n
        else:
            stopped[_place(ids, position)] += n
    return _with_last(stopped, last), n_sent, last


AFTER = -1  # until it is known how many places the longest form has


def _place(ids, position):
    """0 before the statements, 1 in the first ten, and so on; AFTER behind them."""
    kind, _, item_id = (position or "").partition(":")
    if kind == "item":
        return 1 + ids.index(item_id) // STEP if item_id in ids else 0
    is_late = kind in ("helped", "comment", "check", "extra") or "more" in kind
    return AFTER if is_late else 0


def _with_last(stopped, last):
    return Counter({last if at == AFTER else at: n for at, n in stopped.items()})


def merged(stopped, n_sent, last):
    """Places in order, each with ten at least who stopped; none where there are not.

    `stopped` is place -> people, `last` the number of the place behind the statements.
    """
    spans, first, held = [], 0, 0
    for at in range(last + 1):
        held += stopped[at]
        if held >= LEAST:
            spans.append((first, at, held))
            first, held = at + 1, 0
    if not spans:
        return ()
    begin, _, n = spans.pop()
    spans.append((begin, last, n + held))
    came, found = n_sent + sum(stopped.values()), []
    for begin, end, n in spans:
        found.append(Place(_name(begin, end, last), came, n))
        came -= n
    return tuple(found)


def _name(first, end, last):
    if first == end:
        words = {0: "Before the statements", last: "After the statements"}
        return words.get(first, f"Statements {STEP * first - STEP + 1} to {STEP * end}")
    begin = {0: "First page", last: "After the statements"}.get(
        first, f"Statement {STEP * first - STEP + 1}"
    )
    return f"{begin} to {'last page' if end == last else _end(end)}"


def _end(place):
    return f"statement {STEP * place}" if place else "first statement"


@dataclass(frozen=True)
class Time:
    """Minutes from the first page to sending; None where too few took so long."""

    words: str
    n: int
    quartiles: tuple | None  # lower, median, upper


def times_of(session, campaign):
    """How long it took, by how people answered; ways that nobody used are left out."""
    held = session.get(StopsCounted, campaign.id)
    taken = held.minutes if held else {}
    return [
        Time(words, len(taken[mode]), _quartiles(taken[mode]))
        for mode, words in MODES.items()
        if taken.get(mode)
    ]


def _minutes(session, campaign, until):
    """Mode -> minutes of each who sent, shortest first."""
    rows = session.execute(
        select(Assessment.mode, Assessment.started_at, Assessment.submitted_at).where(
            Assessment.campaign_id == campaign.id,
            Assessment.mode.in_([*MODES]),
            Assessment.submitted_at < until,
            Assessment.invitation_id.is_not(None),
            Assessment.counts(),
        )
    ).all()
    taken = {mode: [] for mode in MODES}
    for mode, began, sent in rows:
        if timedelta() < sent - began <= LONGEST:
            taken[mode].append(round((sent - began).total_seconds() / 60, 1))
    return {mode: sorted(minutes) for mode, minutes in taken.items() if minutes}


def _quartiles(minutes):
    if len(minutes) < LEAST:
        return None
    return tuple(round(each) for each in quantiles(minutes, n=4, method="inclusive"))
