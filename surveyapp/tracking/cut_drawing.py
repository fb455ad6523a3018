"""The cuts of one year as a picture: each cell's mean with its interval, and words."""

from dataclasses import dataclass

from .yearly_cuts import GATE

WIDTH, LEFT, RIGHT, TOP, ROW = 640, 270, 100, 48, 26


@dataclass(frozen=True)
class Row:
    """A cell of a cut, or its name where it has no mean."""

    label: str
    y: int
    x: float | None = None
    ends: tuple | None = None
    text: str = ""


@dataclass(frozen=True)
class CutDrawing:
    """A year's picture; `finding` is its alternative text."""

    title: str
    finding: str
    rows: tuple
    grid: tuple
    height: int
    width: int = WIDTH
    top: int = TOP


def draw(year, cuts):
    """Of the cuts of a year as `cut_presenter.years` has them; None where none is.

    How far the mean rests on the gate is no group of people, and only in the table.
    """
    cuts = [cut for cut in cuts if cut.key != GATE]
    if not cuts:
        return None
    rows, y = [], TOP + 20
    for cut in cuts:
        rows.append(Row(cut.name, y))
        for cell in cut.cells:
            y += ROW
            ends = tuple(map(_x, cell.interval)) if cell.interval else None
            rows.append(Row(cell.label, y, _x(cell.mean), ends, cell.text))
        y += ROW + 10
    return CutDrawing(
        title=f"Involvement overall in {year}, by who answered",
        finding=" ".join(map(finding, cuts)),
        rows=tuple(rows),
        grid=tuple((value, _x(value)) for value in (0, 25, 50, 75, 100)),
        height=y,
    )


def finding(cut):
    """Highest and lowest of a cut, and whether they lie apart."""
    if len(cut.cells) < 2:
        (only,) = cut.cells
        return f"{cut.name}: {only.label} alone ({only.text})."
    high = max(cut.cells, key=lambda cell: cell.mean)
    low = min(cut.cells, key=lambda cell: cell.mean)
    told = (
        f"{cut.name}: highest {high.label} ({high.text}),"
        f" lowest {low.label} ({low.text})"
    )
    known = high.interval and low.interval
    is_apart = known and high.interval[0] > low.interval[1]
    return f"{told}." if is_apart else f"{told}; that may be chance."


def _x(value):
    return round(LEFT + (WIDTH - LEFT - RIGHT) * value / 100, 1)
