"""What was let out, as pages may read it: points, sums of points, blocks, who waits.

Every figure that a lead sees is made from these. They hold groups of ten people or
more, rounded once; whatever is added up from them tells no more than they do. Scores
run from 0 to 100. Nothing here writes.
"""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Integer, cast, func, or_, select

from ..bank import SCALES
from ..models import (
    ReleasedBlock,
    ReleasedFigure,
    ReleasedGroup,
    ReleasedSpread,
    ReleasedSum,
)
from .nightly_release import LEAST, last_midnight
from .release_queue import OVERALL, n_needed, waiting_entries
from .rounding import STEP
from .series import successors_in

LOWEST, HIGHEST = "under 5", "over 95"
ROUNDING = STEP**2 / 6  # variance that rounding at random adds to one mean, on average
Z95 = 1.96


@dataclass(frozen=True)
class Series:
    """Scores that may stand in one line; `key` is their method and form."""

    key: str
    first_on: date
    last_on: date
    n: int
    n_groups: int


@dataclass(frozen=True)
class Point:
    """One group: a mean of `n` people who answered from `first_on` to `last_on`.

    Without a team it is of the pool. `main_mode` is how seven in ten or more
    answered; `is_late` that half came in over 60 days after answering.
    """

    group_id: int
    team_id: int | None
    first_on: date
    last_on: date
    n: int
    value: float
    is_rounded: bool
    main_mode: str | None
    is_late: bool

    @property
    def text(self):
        return text_of(self.value, n_groups=1, is_rounded=self.is_rounded)


@dataclass(frozen=True)
class Sums:
    """Groups added up: people, groups, and the mean of all these people's scores."""

    n: int = 0
    n_groups: int = 0
    total: float = 0.0
    # Sum of squared sizes of the groups whose mean was rounded.
    rounded: float = 0.0

    def __add__(self, other):
        return Sums(
            self.n + other.n,
            self.n_groups + other.n_groups,
            self.total + other.total,
            self.rounded + other.rounded,
        )

    @property
    def mean(self):
        """None where nobody was let out."""
        return self.total / self.n if self.n else None

    def interval(self, sd):
        """95 % interval from a deviation within teams; None where none is known.

        It is wider by what rounding added.
        """
        if not self.n or sd is None:
            return None
        se = (sd**2 / self.n + ROUNDING * self.rounded / self.n**2) ** 0.5
        return max(0.0, self.mean - Z95 * se), min(100.0, self.mean + Z95 * se)

    @property
    def text(self):
        if not self.n:
            return ""
        return text_of(self.mean, n_groups=self.n_groups, is_rounded=self.rounded > 0)


@dataclass(frozen=True)
class Block:
    """Three groups in a row: scale -> (people, mean), and counts in steps of five.

    `counts` is item `id.vN`, or care_plan -> category (as text) or reason -> people.
    """

    block_id: int
    team_id: int | None
    first_on: date
    last_on: date
    n: int
    counts: dict
    figures: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """People of one team in no figure yet, and how many more close a group."""

    n: int = 0
    n_open: int = 0  # of these, by an open link or on a form that was nobody's own
    n_needed: int = LEAST


def text_of(value, *, n_groups, is_rounded):
    """A mean in words: of one group that is nearly at an end, no more than that."""
    if n_groups == 1 and value < STEP:
        return LOWEST
    if n_groups == 1 and value > 100 - STEP:
        return HIGHEST
    is_whole = n_groups == 1 and is_rounded
    return f"{value:.0f}" if is_whole else f"{value:.1f}"


def series_of(session, trust_id, perspective):
    """Every series that was let out, the one with the newest answers first."""
    query = (
        select(
            ReleasedSum.series,
            func.min(ReleasedSum.first_on),
            func.max(ReleasedSum.last_on),
            func.sum(ReleasedSum.n),
            func.sum(ReleasedSum.n_groups),
            func.max(ReleasedSum.id),
        )
        .where(*_of(ReleasedSum, trust_id, perspective))
        .where(ReleasedSum.scale == OVERALL)
        .group_by(ReleasedSum.series)
    )
    rows = sorted(session.execute(query), key=lambda r: (r[2], r[5]), reverse=True)
    return [Series(*row[:3], int(row[3]), int(row[4])) for row in rows]


def points(session, trust_id, perspective, series, *, team_ids=None):
    """Points of one series in the order of their last day; of some teams or of all.

    `team_ids` may hold None for the pool.
    """
    into = successors_in(session, trust_id)
    query = (
        select(
            ReleasedGroup.id,
            ReleasedGroup.team_id,
            ReleasedGroup.first_on,
            ReleasedGroup.last_on,
            ReleasedFigure.n,
            ReleasedFigure.value,
            ReleasedFigure.is_rounded,
            ReleasedGroup.main_mode,
            ReleasedGroup.is_late,
        )
        .join(ReleasedFigure, ReleasedFigure.group_id == ReleasedGroup.id)
        .where(*_of(ReleasedGroup, trust_id, perspective))
        .where(ReleasedFigure.series == series, ReleasedFigure.scale == OVERALL)
        .order_by(ReleasedGroup.last_on, ReleasedGroup.id)
    )
    if team_ids is not None:
        merged = [team for team, end in into.items() if end in team_ids]
        is_of = ReleasedGroup.team_id.in_(merged)
        of_pool = ReleasedGroup.team_id.is_(None)
        query = query.where(or_(is_of, of_pool) if None in team_ids else is_of)
    return [
        Point(number, into.get(team_id), *rest)
        for number, team_id, *rest in session.execute(query)
    ]


def by_month(session, trust_id, perspective, series, scale=OVERALL):
    """(Team, first of a month) -> Sums of the groups that were complete in it.

    The team None is the pool. Prerequisites are sums of blocks.
    """
    into = successors_in(session, trust_id)
    query = (
        select(
            ReleasedSum.team_id,
            ReleasedSum.month,
            ReleasedSum.n,
            ReleasedSum.n_groups,
            ReleasedSum.total,
            ReleasedSum.squares,
        )
        .where(*_of(ReleasedSum, trust_id, perspective))
        .where(ReleasedSum.series == series, ReleasedSum.scale == scale)
    )
    found = {}
    for team_id, month, *numbers in session.execute(query):
        key, sums = (into.get(team_id), month), Sums(*numbers)
        found[key] = found[key] + sums if key in found else sums
    return found


def by_team(session, trust_id, perspective, series):
    """Team -> Sums of all its groups, all months together; None is the pool."""
    into, found = successors_in(session, trust_id), {}
    query = _overall(trust_id, perspective, series, ReleasedSum.team_id)
    for team_id, *numbers in session.execute(query):
        found.setdefault(into.get(team_id), []).append(Sums(*numbers))
    return {team: total(sums) for team, sums in found.items()}


def months(session, trust_id, perspective, series, *, team_ids=None):
    """First of a month -> Sums of the groups that were complete in it.

    Of all teams and the pool, or of some teams that still stand.
    """
    query = _overall(trust_id, perspective, series, ReleasedSum.month)
    if team_ids is not None:
        query = query.where(
            ReleasedSum.team_id.in_(_merged(session, trust_id, team_ids))
        )
    return {month: Sums(*numbers) for month, *numbers in session.execute(query)}


def _overall(trust_id, perspective, series, by):
    """A query for the sums of the overall score by one column."""
    added = ReleasedSum.n, ReleasedSum.n_groups, ReleasedSum.total, ReleasedSum.squares
    n, n_groups, *floats = map(func.sum, added)
    return (
        select(by, cast(n, Integer), cast(n_groups, Integer), *floats)
        .where(*_of(ReleasedSum, trust_id, perspective))
        .where(ReleasedSum.series == series, ReleasedSum.scale == OVERALL)
        .group_by(by)
    )


def _merged(session, trust_id, team_ids):
    """These teams, and those that were merged into them."""
    into = successors_in(session, trust_id)
    return [team for team, end in into.items() if end in team_ids]


def totals(session, trust_id, perspective, series, *, team_ids=None):
    """Scale -> Sums of a whole trust or of some teams, all months together.

    `team_ids` are those that still stand; what was merged into them counts there.
    """
    query = (
        select(
            ReleasedSum.scale,
            func.sum(ReleasedSum.n),
            func.sum(ReleasedSum.n_groups),
            func.sum(ReleasedSum.total),
            func.sum(ReleasedSum.squares),
        )
        .where(*_of(ReleasedSum, trust_id, perspective))
        .where(ReleasedSum.series == series, ReleasedSum.scale.in_(SCALES))
        .group_by(ReleasedSum.scale)
    )
    if team_ids is not None:
        query = query.where(
            ReleasedSum.team_id.in_(_merged(session, trust_id, team_ids))
        )
    return {
        scale: Sums(int(n), int(n_groups), added, squares)
        for scale, n, n_groups, added, squares in session.execute(query)
    }


def total(sums):
    """Sums of many, added up."""
    sums = list(sums)
    return Sums(
        sum(each.n for each in sums),
        sum(each.n_groups for each in sums),
        sum(each.total for each in sums),
        sum(each.rounded for each in sums),
    )


def blocks(session, trust_id, perspective, series, *, team_ids=None):
    """Blocks of three groups that have figures of a series, oldest first."""
    into = successors_in(session, trust_id)
    query = (
        select(ReleasedBlock, ReleasedFigure)
        .join(ReleasedFigure, ReleasedFigure.block_id == ReleasedBlock.id)
        .where(*_of(ReleasedBlock, trust_id, perspective))
        .where(ReleasedFigure.series == series)
        .order_by(ReleasedBlock.last_on, ReleasedBlock.id)
    )
    found = {}
    for row, figure in session.execute(query):
        team = into.get(row.team_id)
        if team_ids is not None and team not in team_ids:
            continue
        block = found.setdefault(
            row.id,
            Block(row.id, team, row.first_on, row.last_on, row.n, row.counts),
        )
        block.figures[figure.scale] = figure.n, figure.value
    return list(found.values())


def spreads(session, trust_id, perspective, series):
    """Scale -> the frozen standard deviation within teams that is newest."""
    query = (
        select(ReleasedSpread.scale, ReleasedSpread.sd)
        .where(*_of(ReleasedSpread, trust_id, perspective))
        .where(ReleasedSpread.series == series)
        .order_by(ReleasedSpread.until)
    )
    return dict(session.execute(query).all())


def waiting(session, trust_id, perspective, *, now, minimum=LEAST):
    """Team -> Waiting, of those who answered before today; None for no team."""
    entries = waiting_entries(
        session,
        trust_id,
        before=last_midnight(now),
        perspective=perspective,
    )
    found = {}
    for queue, people in sorted(entries.items(), key=lambda pair: len(pair[1])):
        so_far = found.get(queue.team_id, Waiting())
        found[queue.team_id] = Waiting(
            so_far.n + len(people),
            so_far.n_open + sum(entry.is_open for entry in people),
            n_needed(people, size=max(LEAST, minimum)),
        )
    return found


def _of(table, trust_id, perspective):
    return table.trust_id == trust_id, table.perspective == perspective
