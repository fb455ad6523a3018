"""Control charts of what was let out: the trust by month, a team by its groups.

The numbers of a chart are those of its table, its files and its words. What a single
group may say only as "under 5" or "over 95" stands at 2.5 and 97.5 in a picture.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isnan

from .groups import ROUNDING, Z95, Sums
from .rounding import STEP

RULES = "making_data_count"
OWN = 12  # points from which a team's own moving ranges set its limits
LEAST = 3  # points that limits can be made of
TRUST = "The whole trust"


@dataclass(frozen=True)
class Mark:
    """One point: whom it stands for, what may be said of it, and what it means.

    A month without a group has no `value`, no text and nobody in it.
    """

    label: str
    first_on: date
    last_on: date
    n: int
    value: float | None
    text: str
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    word: str = ""
    note: str = ""
    sums: Sums = Sums()
    phase: int = 0  # by step changes
    border: str = ""  # what began before this point, which no line crosses


@dataclass(frozen=True)
class Step:
    """A day from which limits are made anew, and what changed then."""

    starts_on: date
    reason: str


@dataclass(frozen=True)
class Border:
    """A day on which something began that no line crosses, such as a campaign."""

    starts_on: date
    what: str


@dataclass(frozen=True)
class Notes:
    """What people set on a chart, and the borders in it."""

    steps: tuple = ()
    borders: tuple = ()
    target: float | None = None


NOTHING = Notes()
ASSURANCE = {
    "consistently passing": "As it varies now, the mean stays above the target.",
    "consistently failing": "As it varies now, the mean stays below the target: it "
    "will not be reached without a change.",
    "hit and miss": "As it varies now, the mean reaches the target at times, and at "
    "times not.",
    "no limits": "Whether the target is met is not known before there are limits.",
}


@dataclass(frozen=True)
class ControlledLine:
    """A chart of one team or of the trust: its points and what they say."""

    title: str
    marks: tuple
    finding: str
    change: str
    word: str  # variation: improvement, concern, common cause, or none yet
    limits: str  # how they were made
    is_trial: bool
    series: str
    target: float | None = None
    assurance: str = ""
    steps: tuple = ()  # that limits are made anew from
    waiting_steps: tuple = ()  # that have too few points yet

    @property
    def assurance_text(self):
        """Whether the target is met, in a sentence; empty without a target."""
        return ASSURANCE.get(self.assurance, "")

    @property
    def known(self):
        return [mark for mark in self.marks if mark.value is not None]

    @property
    def description(self):
        """The alternative text: what is seen, and what it says."""
        return f"{self.title}. {self.finding}"


def shown_value(sums):
    """The mean of people as a picture may place it; None where nobody is."""
    if not sums.n:
        return None
    if sums.n_groups == 1:
        if sums.mean < STEP:
            return STEP / 2
        if sums.mean > 100 - STEP:
            return 100 - STEP / 2
    return sums.mean


def trust_chart(months, *, sd, series, notes=NOTHING):
    """The trust's mean by the month in which groups were complete, gaps kept.

    `months` is first of a month -> Sums of all teams.
    """
    marks = [_month(month, months.get(month, Sums())) for month in _every(months)]
    return _controlled(f"{TRUST}, by month", marks, sd, series, notes)


def team_chart(name, points, *, sd, series, notes=NOTHING):
    """A team's groups in the order of their last answers."""
    marks, held = [], {}
    for point in points:
        sums = sums_of(point)
        label = day_text(point.last_on)
        held[label] = held.get(label, 0) + 1
        if held[label] > 1:
            label = f"{label} ({held[label]})"
        mark = Mark(
            label,
            point.first_on,
            point.last_on,
            point.n,
            shown_value(sums),
            point.text,
            note=_note(point),
            sums=sums,
        )
        marks.append(mark)
    title = f"{name}, by groups of ten people or more"
    return _controlled(title, marks, sd, series, notes)


def sums_of(point):
    """One group as sums."""
    rounded = float(point.n**2) if point.is_rounded else 0.0
    return Sums(point.n, 1, point.n * point.value, rounded)


def day_text(day):
    """3 Apr 2026."""
    return f"{day.day} {day:%b %Y}"


def _note(point):
    told = [f"mostly {point.main_mode}"] if point.main_mode else []
    return ", ".join(told + ["entered late"] * point.is_late)


def _every(months):
    """Each month from the first to the last."""
    found = [min(months)] if months else []
    while found and found[-1] < max(months):
        found.append((found[-1] + timedelta(days=31)).replace(day=1))
    return found


def _month(month, sums):
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    value = shown_value(sums)
    return Mark(f"{month:%b %Y}", month, last, sums.n, value, sums.text, sums=sums)


def place_of_step(marks, day):
    """Where the first point at a day or after it stands; None where there is none."""
    held = (k for k, m in enumerate(marks) if m.value is not None and m.last_on >= day)
    return next(held, None)


def may_begin(marks, at):
    """Whether limits can be made of the points before one, so that it begins anew."""
    known = sum(mark.value is not None for mark in marks[:at])
    return known >= LEAST and _are_neighbours(marks[:at])


def _controlled(title, marks, sd, series, notes):
    """A line with limits, where there are points enough for them."""
    marks = _bordered(marks, notes.borders)
    known = [mark for mark in marks if mark.value is not None]
    change = change_text(known, sd)
    if len(known) < LEAST or (sd is None and not _has_own_limits(marks)):
        finding, line = _too_few(known, sd, notes.target), tuple(marks)
        assurance = "" if notes.target is None else "no limits"
        return ControlledLine(
            title,
            line,
            finding,
            change,
            "",
            "",
            True,
            series,
            notes.target,
            assurance,
            (),
            notes.steps,
        )
    steps, waiting = _steps(marks, notes.steps)
    chart, how = _chart(marks, sd, steps, notes.target)
    line = _with_limits(marks, chart)
    last = [mark for mark in line if mark.value is not None][-1]
    return ControlledLine(
        title,
        line,
        " ".join([chart.finding(latest=known[-1].text), *map(_said, steps)]),
        change,
        last.word,
        how,
        chart.is_trial,
        series,
        notes.target,
        "" if notes.target is None else chart.assurance(),
        steps,
        waiting,
    )


def _has_own_limits(marks):
    """Whether moving ranges can set limits: points enough, some of them neighbours."""
    known = sum(mark.value is not None for mark in marks)
    return known >= OWN and _are_neighbours(marks)


def _are_neighbours(marks):
    pairs = zip(marks, marks[1:])
    return any(a.value is not None and b.value is not None for a, b in pairs)


def _said(step):
    return f"Limits are made anew from {day_text(step.starts_on)}: {step.reason}."


def _bordered(marks, borders):
    """Points with what began since the one before, which no line crosses."""
    made, before = [], None
    for mark in marks:
        if mark.value is not None:
            begun = [
                border.what
                for border in borders
                if before is not None and before < border.starts_on <= mark.last_on
            ]
            mark, before = replace(mark, border="; ".join(begun)), mark.last_on
        made.append(mark)
    return made


def _steps(marks, steps):
    """Steps that limits can be made anew from now, and those that wait for points."""
    found, waiting, taken = [], [], set()
    for step in steps:
        at = place_of_step(marks, step.starts_on)
        if at is None or at in taken or not may_begin(marks, at):
            waiting.append(step)
        else:
            taken.add(at)
            found.append(step)
    return tuple(found), tuple(waiting)


def _with_limits(marks, chart):
    """Points with their limits; a gap of a month, and too short a phase, has none."""
    words, points = chart.words(), chart.points
    made = []
    for at, mark in enumerate(marks):
        if mark.value is None:
            made.append(Mark(mark.label, mark.first_on, mark.last_on, 0, None, ""))
            continue
        row = points.iloc[at]
        limits = {}
        if not isnan(row["upper"]):
            limits = {
                "centre": float(row["centre"]),
                "lower": max(0.0, float(row["lower"])),
                "upper": min(100.0, float(row["upper"])),
                "word": words.iloc[at],
            }
        made.append(replace(mark, phase=int(row["phase"]), **limits))
    return tuple(made)


def _chart(marks, sd, steps, target):
    """The library's chart, and how its limits were made in words."""
    import pandas as pd

    from psychometrics import StepChange, group_mean_chart, xmr_chart

    values = [float("nan") if m.value is None else m.value for m in marks]
    means = pd.Series(values, index=[mark.label for mark in marks])
    at = [marks[place_of_step(marks, step.starts_on)].label for step in steps]
    given = {
        "rules": RULES,
        "target": target,
        "steps": [StepChange(at=k, reason=s.reason) for k, s in zip(at, steps)],
    }
    if sd is None or (_has_own_limits(marks) and _is_by_group(marks)):
        how = "Limits come from the moving ranges of these points."
        return xmr_chart(means, **given), how
    sizes = [max(mark.n, 1) for mark in marks]
    rounding = [ROUNDING * mark.sums.rounded / max(mark.n, 1) ** 2 for mark in marks]
    how = (
        f"Limits come from how much people differ within teams, a standard deviation "
        f"of {sd:.0f}."
    )
    return group_mean_chart(means, sizes, sd=sd, rounding=rounding, **given), how


def _is_by_group(marks):
    return all(mark.sums.n_groups == 1 for mark in marks)


def _too_few(known, sd, target):
    told = _too_few_points(known, sd)
    return told if target is None else f"{told} The target is {target:g}."


def _too_few_points(known, sd):
    if not known:
        return "No group of ten people was let out yet."
    last = known[-1]
    so_far = "1 point" if len(known) == 1 else f"{len(known)} points"
    needed = LEAST if sd is not None else OWN
    return (
        f"The latest, {last.label}, is {last.text}. {so_far} so far: too few to tell a "
        f"change from chance. Limits need {needed} points."
    )


# One such pair in twenty is: the chart, which takes all points, has the last word.
BEYOND = (
    "two points alone differ as much by chance once in 20 times or less; the sentence "
    "above says whether it is more than usual"
)


def change_text(known, sd):
    """What changed between the last two points, with its uncertainty."""
    if len(known) < 2:
        return ""
    before, last = known[-2:]
    step = last.value - before.value
    moved = f"{abs(step):.1f} {'higher' if step > 0 else 'lower'} than"
    moved = "the same as" if abs(step) < 0.05 else moved
    told = f"{last.label} is {moved} {before.label}"
    if sd is None:
        return f"{told}; how far that is chance is not known yet."
    se = sum(
        sd**2 / mark.n + ROUNDING * mark.sums.rounded / mark.n**2
        for mark in (before, last)
    )
    low, high = step - Z95 * se**0.5, step + Z95 * se**0.5
    sure = "it may be chance" if low < 0 < high else BEYOND
    told = f"{told} (95% interval of the change {low:.1f} to {high:.1f})"
    return f"{told}." if moved == "the same as" else f"{told}: {sure}."


def rows(line):
    """The numbers of a chart, as its table and its CSV file have them."""
    head = [
        "point",
        "first_answer",
        "last_answer",
        "people",
        "mean",
        "centre",
        "lower_limit",
        "upper_limit",
        "meaning",
        "note",
        "target",
        "limits_anew_from",
        "border",
    ]
    body = [
        [
            mark.label,
            mark.first_on.isoformat(),
            mark.last_on.isoformat(),
            mark.n,
            mark.text,
            *(
                "" if each is None else f"{each:.1f}"
                for each in (mark.centre, mark.lower, mark.upper)
            ),
            mark.word,
            mark.note,
            "" if line.target is None else f"{line.target:g}",
            _anew(line, at),
            mark.border,
        ]
        for at, mark in enumerate(line.marks)
    ]
    return [head, *body]


def _anew(line, at):
    """The reason of the step that begins with a point; empty elsewhere."""
    begins = [s for s in line.steps if place_of_step(line.marks, s.starts_on) == at]
    return "; ".join(f"{s.starts_on.isoformat()} {s.reason}" for s in begins)
