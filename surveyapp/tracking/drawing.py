"""A control chart as places in a drawing: a calendar below, the score beside it."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from .charts import place_of_step

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 44, 72, 14, 44
APART = 7  # points of one day stand so far from each other
MOST = 7  # names of months below
FEW_WORDS = 36  # letters beside a line


@dataclass(frozen=True)
class Placed:
    """A point: where it stands, how long it took, and the shape of its meaning."""

    label: str
    text: str
    x: float
    y: float
    from_x: float
    shape: str


@dataclass(frozen=True)
class Drawing:
    """All that a template draws, worked out."""

    points: tuple
    lines: tuple  # (x, y, x, y) between neighbours
    limits: tuple  # (name, path)
    ends: tuple  # (text, y) beside the last point
    grid: tuple  # (value, y)
    dates: tuple  # (text, x)
    shapes: tuple  # (shape, meaning) that occur
    target: tuple  # (text, y), or nothing
    verticals: tuple  # (kind, x, text): where limits begin anew, and borders
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


SHAPES = {"improvement": "diamond", "concern": "square"}


def draw(line):
    """Where everything of a chart stands; None where it has no point."""
    known = line.known
    if not known:
        return None
    first = min(mark.first_on for mark in known)
    last = max(mark.last_on for mark in known)
    days = _n_days(first, last)

    def x_of(day):
        return _x(day, first, days)

    held = [(at, mark) for at, mark in enumerate(line.marks) if mark.value is not None]
    placed = {
        at: Placed(
            mark.label,
            mark.text,
            x,
            _y(mark.value),
            min(x, x_of(mark.first_on)),
            SHAPES.get(mark.word, "circle"),
        )
        for (at, mark), x in zip(held, _apart([x_of(m.last_on) for _, m in held]))
    }
    lines = tuple(
        (a.x, a.y, b.x, b.y)
        for k in range(max(placed))
        for a, b in [(placed.get(k), placed.get(k + 1))]
        if a and b and not line.marks[k + 1].border
    )
    return Drawing(
        points=tuple(placed.values()),
        lines=lines,
        limits=_limits(line, placed),
        ends=_ends(line),
        grid=tuple((value, _y(value)) for value in (0, 25, 50, 75, 100)),
        dates=_dates(first, last, x_of),
        shapes=_shapes(placed.values()),
        target=() if line.target is None else (f"{line.target:g}", _y(line.target)),
        verticals=tuple(_verticals(line, placed)),
    )


def tried(line, notes):
    """Number and place of what was tried, as far as the calendar reaches."""
    known = line.known
    if not known:
        return ()
    first = min(mark.first_on for mark in known)
    last = max(mark.last_on for mark in known)
    days = _n_days(first, last)
    return tuple(
        (number, _x(min(max(note.started_on, first), last), first, days))
        for number, note in enumerate(notes, start=1)
    )


def _n_days(first, last):
    return max((last - first).days, 1)


def _x(day, first, days):
    wide = WIDTH - LEFT - RIGHT - 16
    return round(LEFT + 8 + wide * (day - first).days / days, 1)


def _verticals(line, placed):
    """Before which points limits begin anew or something else began, in few words."""
    begins = {place_of_step(line.marks, step.starts_on): step for step in line.steps}
    earlier = None
    for at, place in placed.items():
        mark = line.marks[at]
        x = place.x - 6 if earlier is None else round((earlier + place.x) / 2, 1)
        if at in begins:
            yield "step", x, _short(begins[at].reason)
        if mark.border:
            yield "border", x, _short(mark.border)
        earlier = place.x


def _short(text):
    return text if len(text) <= FEW_WORDS else f"{text[: FEW_WORDS - 1]}…"


def _apart(places):
    """Places in order, moved so that none covers another as far as there is room."""
    end = WIDTH - RIGHT - 8
    least = min(APART, (end - LEFT - 8) / max(len(places) - 1, 1))
    moved = list(places)
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] + least)
    for k in reversed(range(len(moved))):
        limit = end if k == len(moved) - 1 else moved[k + 1] - least
        moved[k] = min(moved[k], limit)
    return [round(x, 1) for x in moved]


def _limits(line, placed):
    """Paths of centre and limits, in steps as groups differ in size, by phase."""
    found = []
    for name in ("centre", "upper", "lower"):
        held = [
            (line.marks[at].phase, place.x, _y(getattr(line.marks[at], name)))
            for at, place in placed.items()
            if getattr(line.marks[at], name) is not None
        ]
        for _, phase in groupby(held, key=lambda place: place[0]):
            places = [f"{x} {y}" for _, x, y in phase]
            if len(places) > 1:
                found.append((name, "M" + " L".join(places)))
    return tuple(found)


def _ends(line):
    last = line.known[-1]
    if last.centre is None or last.upper is None:
        return ()
    trial = "trial " * line.is_trial
    return (
        ("centre", _y(last.centre)),
        (f"{trial}limit", _y(last.upper)),
        (f"{trial}limit", _y(last.lower)),
    )


def _dates(first, last, x_of):
    """Names of months below, the first of each, no more than there is room for."""
    months = [first.replace(day=1)]
    while months[-1] <= last:
        months.append((months[-1] + timedelta(days=31)).replace(day=1))
    inside = [month for month in months if first <= month <= last]
    every = -(-len(inside) // MOST) or 1
    chosen = inside[::every] or [first]
    return tuple((f"{month:%b %Y}", x_of(month)) for month in chosen)


def _shapes(placed):
    meant = {shape: word for word, shape in SHAPES.items()}
    used = {place.shape for place in placed}
    return tuple(
        (shape, meant.get(shape, "common cause"))
        for shape in ("circle", "diamond", "square")
        if shape in used
    )


def _y(value):
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / 100), 1)
