"""Every item's bar below the other, as places in one drawing."""

from dataclasses import dataclass
from textwrap import wrap

WIDTH, LINE, BAR, GAP, TOP = 640, 17, 26, 14, 44
LETTERS = 92  # of a wording in one line
KEY = 4  # a key's labels are so far apart, in letters' widths of seven


@dataclass(frozen=True)
class Line:
    """Words at a place; `is_head` for the name of a prerequisite."""

    text: str
    y: int
    is_head: bool = False


@dataclass(frozen=True)
class Block:
    """One category of a bar."""

    x: float
    y: int
    width: float
    middle: float
    text: str
    shade: str
    ink: str


@dataclass(frozen=True)
class Entry:
    """One category of a key."""

    label: str
    x: int
    y: int
    shade: str


@dataclass(frozen=True)
class BarsDrawing:
    lines: tuple
    blocks: tuple
    entries: tuple
    height: int
    width: int = WIDTH


def draw(parts):
    """Parts of the items' page, as `item_presenter.parts` makes them; None for none."""
    lines, blocks, entries, y = [], [], [], TOP
    for part in parts:
        lines.append(Line(part.title, y, True))
        y, x = y + LINE, 0
        for label, shade in part.key:
            if x and x + 7 * len(label) + 24 > WIDTH:
                y, x = y + LINE, 0
            entries.append(Entry(label, x, y, shade))
            x += 24 + 7 * (len(label) + KEY)
        y += 2 * LINE
        for bar in part.bars:
            for text in wrap(bar.result.wording, LETTERS):
                lines.append(Line(text, y))
                y += LINE
            y -= LINE - 6
            blocks += [_block(piece, y) for piece in bar.pieces]
            y += BAR + GAP + LINE
        y += GAP
    return (
        BarsDrawing(tuple(lines), tuple(blocks), tuple(entries), y) if parts else None
    )


def _block(piece, y):
    scale = WIDTH / 100
    return Block(
        round(piece.x * scale, 1),
        y,
        round(piece.width * scale, 1),
        round(piece.middle * scale, 1),
        piece.text,
        piece.shade,
        piece.ink,
    )
