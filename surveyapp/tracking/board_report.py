"""A page for a board and a report of a team and a period, from released figures.

The page, the PDF and the CSV are made of one `BoardReport`, which adds up the same
groups as every other page on figures.
"""

from dataclasses import dataclass
from datetime import date

from ..bank import PREREQUISITES
from . import charts, drawing
from .groups import LEAST, Sums, Waiting, total
from .presenter import TITLES, between
from .quarter_table import name_of, quarter_of_month, quarters_of
from .release_queue import OVERALL

LATEST = 12  # points in the table of a page for a board
EVERY = "all quarters"
NOT_YET = "Not yet"
HEAD = ("Point", "People", "Mean", "Centre", "Limits", "Meaning")
SCALE_HEAD = ("Prerequisite", "Mean", "95% interval", "People")
RULES = (
    "Every figure is a sum of groups of ten people or more. A group's mean is rounded "
    "once, up or down at random, to a multiple of five; nothing more exact is shown to "
    "anybody. Scores run from 0, no involvement, to 100."
)


@dataclass(frozen=True)
class BoardReport:
    """What is told of a trust or a team in a period, as text."""

    title: str
    organisation: str
    period: str
    is_made_up: bool
    series: str
    line: charts.ControlledLine
    people: str
    mean: str
    interval: str
    points: tuple  # rows of the chart's table
    n_left_out: int  # points of the period that are in the file alone
    scales: tuple
    not_shown: tuple  # sentences
    notes: tuple  # what was tried, as numbered on the chart
    tried: tuple  # number and place of each

    @property
    def summary(self):
        """The mean of the period in a sentence."""
        if not self.mean:
            return f"No figure was let out in {self.period}."
        about = f", 95% interval {self.interval}" if self.interval else ""
        return f"Mean of {self.period}: {self.mean}{about}, {self.people} people."

    def rows(self):
        """The same figures as rows of a file."""
        told = [["part", "what", "people", "mean", "centre", "limits", "meaning"]]
        told.append(["period", self.period, self.people, self.mean, "", self.interval])
        told += [["chart", *cells] for cells in self.points]
        told += [
            ["prerequisite", name, people, mean, "", interval]
            for name, mean, interval, people in self.scales
        ]
        told += [["tried", note] for note in self.notes]
        told += [["not shown", sentence] for sentence in self.not_shown]
        return [[*row, *[""] * (7 - len(row))] for row in told]


def periods(what):
    """Value of an address -> name, of the periods that figures were let out in."""
    quarters = quarters_of(what.months)
    years = sorted({quarter.year for quarter in quarters}, reverse=True)
    found = {"": EVERY}
    found |= {str(year): str(year) for year in years}
    return found | {f"{q:%Y-%m}": name_of(q) for q in reversed(quarters)}


def is_in(period, day):
    """Whether a day lies in a quarter such as 2026-04, in a year, or in any."""
    if not period:
        return True
    start = quarter_of_month(day.replace(day=1))
    return period in (str(day.year), f"{start:%Y-%m}")


def report(what, period, *, whole=False):
    """The report of what a page is about (`Chosen`), in a period of `periods`.

    With `whole` every point of the period is in its table, else the latest ones.
    """
    line = what.line
    inside = [mark for mark in line.marks if is_in(period, mark.last_on)]
    shown = inside if whole else inside[-LATEST:]
    sums = _sums(what, period)
    interval = sums.interval(what.figures.spreads.get(OVERALL))
    return BoardReport(
        title=f"Involvement of {what.whose.lower()}: {what.name}",
        organisation=what.trust.name,
        period=periods(what)[period],
        is_made_up=what.trust.is_demonstration,
        series=what.series or "",
        line=line,
        people=str(sums.n) if sums.n else "",
        mean=sums.text,
        interval=between(interval) if interval else "",
        points=tuple(map(_cells, shown)),
        n_left_out=len(inside) - len(shown),
        scales=tuple(_scale(what, scale) for scale in PREREQUISITES),
        not_shown=tuple(_not_shown(what)),
        notes=tuple(map(_note, what.notes)),
        tried=drawing.tried(line, what.notes),
    )


def _note(note):
    """What was tried, where, and from when."""
    where = note.team.name if note.team else "the whole trust"
    until = f" until {charts.day_text(note.ended_on)}" if note.ended_on else ""
    return f"{note.what} ({where}, from {charts.day_text(note.started_on)}{until})"


def _sums(what, period):
    """The groups of the period, added up."""
    held = what.own_months.items()
    return total(sums for month, sums in held if is_in(period, month))


def _cells(mark):
    limits = "" if mark.lower is None else f"{mark.lower:.1f} to {mark.upper:.1f}"
    centre = "" if mark.centre is None else f"{mark.centre:.1f}"
    note = f" ({mark.note})" if mark.note else ""
    people = str(mark.n) if mark.n else ""
    mean = mark.text or "No group"
    return mark.label, people, mean, centre, limits, f"{mark.word}{note}"


def _scale(what, scale):
    totals = what.figures.totals if what.team is None else what.own_totals
    sums = totals.get(scale, Sums())
    interval = sums.interval(what.figures.spreads.get(scale))
    mean = sums.text or NOT_YET
    people = str(sums.n) if sums.n else ""
    return TITLES[scale], mean, between(interval) if interval else "", people


def _not_shown(what):
    """What stands in no figure, and why."""
    teams = what.seen if what.team is None else {what.team: what.name}
    held = {t: what.waiting[t] for t in teams if t in what.waiting}
    n = sum(each.n for each in held.values())
    if n:
        yield (
            f"People who answered and are in no figure yet: {n}. A figure takes "
            f"{LEAST} different people of one team who were invited personally."
        )
    if what.team is not None:
        needed = held.get(what.team, Waiting()).n_needed
        yield f"The next group of {what.name} needs {needed} more, at least."
    if any(_scale(what, scale)[1] == NOT_YET for scale in PREREQUISITES):
        yield (
            "A prerequisite that reads Not yet needs three groups of one team, thirty "
            "people or more."
        )
    yield (
        "Nothing is told of fewer than ten people, and of ten no more than the mean. "
        "Prerequisites are of all quarters together."
    )


def file_name(what, period, made_on: date, kind):
    """A name that says what is in the file."""
    of = "trust" if what.team is None else f"team-{what.team}"
    when = period or "all"
    return f"involvement-{what.perspective}-{of}-{when}-{made_on:%Y-%m-%d}.{kind}"
