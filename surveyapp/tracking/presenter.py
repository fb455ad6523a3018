"""The tracking page as its template shows it: words and numbers, worked out."""

from collections import defaultdict
from dataclasses import dataclass

from ..assessments.labels import PERSPECTIVES
from ..bank import SCALES
from .groups import Sums
from .queues import OVERALL

TITLES = {
    "involvement": "Involvement overall",
    "parity": "Parity of physical and mental health",
    "coordination": "Coordination",
    "personalisation": "Personalisation",
    "trust": "Trust",
    "collaboration": "Collaboration",
    "living_document": "Living document",
}
FEW = 30  # below it a mean is marked "few responses"
POOL = "People of several teams, together"
NOT_YET = "Not yet"
NOBODY = "None"


@dataclass(frozen=True)
class Cell:
    """What stands in one cell, and the note beside it."""

    value: str
    note: str = ""


@dataclass(frozen=True)
class Row:
    label: str
    cells: tuple


@dataclass(frozen=True)
class Figures:
    """What is shown of one series: (team, month) -> Sums, scale -> Sums, and points."""

    by_month: dict
    totals: dict
    points: tuple
    spreads: dict


@dataclass(frozen=True)
class View:
    perspective: str
    scales: tuple
    quarters: tuple
    teams: tuple
    points: tuple  # (team, rows of its groups)
    waiting: tuple  # rows of teams with people who are in no figure


def view(figures, teams, perspective, *, waiting, visible=None):
    """The page of one perspective; `visible` are the teams this person may see."""
    names = {team.id: team.name for team in teams if team.merged_into_id is None}
    names[None] = POOL
    shown = {t: n for t, n in names.items() if visible is None or t in visible}
    overall = figures.by_month
    quarters = _quarters(overall)
    sd = figures.spreads.get(OVERALL)
    return View(
        perspective=PERSPECTIVES[perspective].many,
        scales=tuple(Row(TITLES[scale], _summary(figures, scale)) for scale in SCALES),
        quarters=(*map(name_of, quarters), "All quarters"),
        teams=_team_rows(overall, shown, quarters, sd),
        points=tuple(
            (name, _point_rows(figures.points, team))
            for team, name in shown.items()
            if any(point.team_id == team for point in figures.points)
        ),
        waiting=tuple(
            Row(name, _waiting_cells(waiting[team]))
            for team, name in shown.items()
            if team in waiting
        ),
    )


def quarter_of_month(month):
    return month.replace(month=3 * ((month.month - 1) // 3) + 1)


def name_of(quarter):
    """April to June 2026."""
    last = quarter.replace(month=quarter.month + 2)
    return f"{quarter:%B} to {last:%B %Y}"


def _quarters(sums):
    """The quarters from the first to the last, those without a group too."""
    held = sorted({quarter_of_month(month) for _, month in sums})
    quarters = held[:1]
    while quarters and quarters[-1] < held[-1]:
        year, month = divmod(quarters[-1].month + 2, 12)
        quarters.append(quarters[-1].replace(quarters[-1].year + year, month + 1))
    return tuple(quarters)


def _by_quarter(sums, teams=None):
    """Quarter -> sums of some teams, or of all; None -> of all quarters."""
    found = defaultdict(Sums)
    for (team, month), each in sums.items():
        if teams is None or team in teams:
            found[quarter_of_month(month)] += each
            found[None] += each
    return found


def _team_rows(overall, shown, quarters, sd):
    rows = []
    for team, name in shown.items():
        sums = _by_quarter(overall, {team})
        if team is not None or sums[None].n:
            rows.append(Row(name, _cells(sums, quarters, sd)))
    if overall:
        sums = _by_quarter(overall)
        rows.append(Row("The whole trust", _cells(sums, quarters, sd)))
    return tuple(rows)


def _cells(sums, quarters, sd):
    return tuple(_cell(sums[quarter], sd) for quarter in (*quarters, None))


def _cell(sums, sd):
    if not sums.n:
        return Cell(NOBODY)
    few = ", few responses" if sums.n < FEW else ""
    interval = sums.interval(sd)
    about = f"{_between(interval)}, " if interval else ""
    return Cell(sums.text, f"{about}n = {sums.n}{few}")


def _summary(figures, scale):
    sums = figures.totals.get(scale, Sums())
    if not sums.n:
        return Cell(NOT_YET), Cell(""), Cell("")
    interval = sums.interval(figures.spreads.get(scale))
    few = "few responses" if sums.n < FEW else ""
    return (
        Cell(sums.text),
        Cell(_between(interval) if interval else NOT_YET),
        Cell(str(sums.n), few),
    )


def _between(interval):
    lower, upper = interval
    return f"{lower:.1f} to {upper:.1f}"


def _point_rows(points, team):
    return tuple(
        Row(
            f"{_day(point.first_on)} to {_day(point.last_on)}",
            (Cell(point.text), Cell(str(point.n))),
        )
        for point in points
        if point.team_id == team
    )


def _day(day):
    return f"{day.day} {day:%B %Y}"


def _waiting_cells(waiting):
    return (
        Cell(str(waiting.n)),
        Cell(str(waiting.n_open)),
        Cell(str(waiting.n_needed)),
    )
