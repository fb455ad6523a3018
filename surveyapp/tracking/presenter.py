"""The tracking page as its template shows it: words and numbers, worked out."""

from dataclasses import dataclass

from ..assessments.labels import PERSPECTIVES
from ..bank import PREREQUISITES
from .figures import HIDDEN, NOBODY, NOT_YET, lattice

TITLES = {
    "involvement": "Involvement overall",
    "parity": "Parity of physical and mental health",
    "coordination": "Coordination",
    "personalisation": "Personalisation",
    "trust": "Trust",
    "collaboration": "Collaboration",
    "living_document": "Living document",
}
UNSHOWN = {HIDDEN: "Not shown", NOBODY: "No answers", NOT_YET: "Not yet"}
WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 34


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
class Point:
    label: str
    x: float
    y: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Chart:
    """Mean and interval of each quarter that is shown, as places in a drawing."""

    points: tuple
    grid: tuple  # (value, y)
    months: tuple  # (first month of a quarter, x)
    description: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT

    @property
    def lines(self):
        """Pairs of neighbours in time; a hidden quarter leaves a gap."""
        pairs = zip(self.points, self.points[1:])
        return [(a, b) for a, b in pairs if a is not None and b is not None]


@dataclass(frozen=True)
class View:
    perspective: str
    minimum: int
    scales: tuple
    quarters: tuple
    teams: tuple
    chart: Chart | None
    waiting: tuple  # (team, Waiting) of teams with people who are in no figure


def view(releases, teams, perspective, *, minimum, waiting=None, visible=None):
    """The page of one perspective; `visible` are the teams this person may see.

    What is hidden is decided on all teams, whoever looks. `waiting` is by team.
    """
    ids = [team.id for team in teams]
    whole = {
        scale: lattice(releases, ids, scale, minimum=minimum)
        for scale in ("involvement", *PREREQUISITES)
    }
    involvement = whole["involvement"]
    shown = [team for team in teams if visible is None or team.id in visible]
    every = [Row(team.name, _cells(involvement.row(team.id))) for team in shown]
    if releases:
        every.append(Row("All teams", _cells(involvement.row(None))))
    return View(
        perspective=PERSPECTIVES[perspective].many,
        minimum=minimum,
        scales=tuple(
            Row(TITLES[scale], _summary(each.cells[None, None]))
            for scale, each in whole.items()
        ),
        quarters=(*map(name_of, involvement.quarters), "All quarters"),
        teams=tuple(every),
        chart=chart(involvement),
        waiting=tuple(
            (team.name, waiting[team.id])
            for team in shown
            if team.id in (waiting or {})
        ),
    )


def name_of(quarter):
    """April to June 2026."""
    last = quarter.replace(month=quarter.month + 2)
    return f"{quarter:%B} to {last:%B %Y}"


def chart(lattice_):
    """A line of the trust's mean by quarter; None where nothing may be shown."""
    figures = [(q, lattice_.cells[None, q]) for q in lattice_.quarters]
    if not any(f.is_shown for _, f in figures):
        return None
    step = (WIDTH - LEFT - RIGHT) / len(figures)
    at = [round(LEFT + step * (n + 0.5), 1) for n in range(len(figures))]
    points = tuple(
        _point(name_of(q), x, f) if f.is_shown else None
        for x, (q, f) in zip(at, figures)
    )
    months = tuple((f"{q:%b %Y}", x) for x, (q, _) in zip(at, figures))
    said = [
        f"{name_of(q)}: {f.mean:.1f}" if f.is_shown else f"{name_of(q)}: not shown"
        for q, f in figures
    ]
    grid = tuple((value, _y(value)) for value in (0, 25, 50, 75, 100))
    return Chart(
        points, grid, months, "Mean involvement by quarter. " + "; ".join(said)
    )


def _point(label, x, figure):
    return Point(label, x, _y(figure.mean), _y(figure.upper), _y(figure.lower))


def _y(value):
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / 100), 1)


def _cells(figures):
    return tuple(_cell(figure) for figure in figures)


def _cell(figure):
    if not figure.is_shown:
        return Cell(UNSHOWN[figure.why_not])
    few = ", few responses" if figure.is_few else ""
    return Cell(f"{figure.mean:.1f}", f"{_interval(figure)}, n = {figure.n}{few}")


def _summary(figure):
    if not figure.is_shown:
        return (_cell(figure), Cell(""), Cell(""))
    few = "few responses" if figure.is_few else ""
    return (
        Cell(f"{figure.mean:.1f}"),
        Cell(_interval(figure)),
        Cell(str(figure.n), few),
    )


def _interval(figure):
    return f"{figure.lower:.1f} to {figure.upper:.1f}"
