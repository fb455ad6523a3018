"""The tracking page as its template shows it: words and numbers, worked out."""

from dataclasses import dataclass

from ..bank import SCALES
from .groups import Sums

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


@dataclass(frozen=True)
class Cell:
    """What stands in one cell, and the note beside it."""

    value: str
    note: str = ""


@dataclass(frozen=True)
class Row:
    label: str
    cells: tuple
    key: object = None  # what the label leads to, such as a scale or a team


@dataclass(frozen=True)
class Figures:
    """What is shown of one series: scale -> Sums, and scale -> deviation."""

    totals: dict
    spreads: dict


@dataclass(frozen=True)
class View:
    scales: tuple  # rows of the seven scores
    points: tuple  # rows of a team's groups
    waiting: tuple  # rows of teams with people who are in no figure


def view(what):
    """Scores, groups and who waits, of what a page is about (`Chosen`)."""
    shown = what.shown if what.team is None else {what.team: what.name}
    return View(
        scales=tuple(
            Row(TITLES[scale], _summary(what, scale), scale) for scale in SCALES
        ),
        points=_point_rows(what.points),
        waiting=tuple(
            Row(name, _waiting_cells(what.waiting[team]))
            for team, name in shown.items()
            if team in what.waiting
        ),
    )


def _summary(what, scale):
    """Mean, interval, people; and beside a team, the mean of the whole trust."""
    whole = what.figures.totals.get(scale, Sums())
    beside = () if what.team is None else (Cell(whole.text or NOT_YET),)
    sums = whole if what.team is None else what.own_totals.get(scale, Sums())
    if not sums.n:
        return Cell(NOT_YET), Cell(""), Cell(""), *beside
    interval = sums.interval(what.figures.spreads.get(scale))
    few = "few responses" if sums.n < FEW else ""
    return (
        Cell(sums.text),
        Cell(between(interval) if interval else NOT_YET),
        Cell(str(sums.n), few),
        *beside,
    )


def between(interval):
    lower, upper = interval
    return f"{lower:.1f} to {upper:.1f}"


def _point_rows(points):
    return tuple(
        Row(
            f"{_day(point.first_on)} to {_day(point.last_on)}",
            (Cell(point.text), Cell(str(point.n))),
        )
        for point in points
    )


def _day(day):
    return f"{day.day} {day:%B %Y}"


def _waiting_cells(waiting):
    return (
        Cell(str(waiting.n)),
        Cell(str(waiting.n_open)),
        Cell(str(waiting.n_needed)),
    )
