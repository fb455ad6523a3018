"""A control chart as places in a drawing: a calendar below, the score beside it."""

from dataclasses import dataclass
from datetime import timedelta

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 44, 72, 14, 44
APART = 7  # points of one day stand so far from each other
MOST = 7  # names of months below


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
        for a, b in ((placed.get(k), placed.get(k + 1)) for k in range(max(placed)))
        if a and b
    )
    return Drawing(
        points=tuple(placed.values()),
        lines=lines,
        limits=_limits(line, placed),
        ends=_ends(line),
        grid=tuple((value, _y(value)) for value in (0, 25, 50, 75, 100)),
        dates=_dates(first, last, x_of),
        shapes=_shapes(placed.values()),
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
    """Paths of centre and limits, in steps as groups differ in size."""
    found = []
    for name in ("centre", "upper", "lower"):
        held = [
            (place.x, _y(getattr(line.marks[at], name)))
            for at, place in placed.items()
            if getattr(line.marks[at], name) is not None
        ]
        path = " ".join(
            f"{'M' if k == 0 else 'L'}{x} {y}" for k, (x, y) in enumerate(held)
        )
        if len(held) > 1:
            found.append((name, path))
    return tuple(found)


def _ends(line):
    last = line.known[-1]
    if last.centre is None:
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
