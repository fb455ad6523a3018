"""The frame every result is built from, and what follows from it for all results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from .annotations import Axes
from .errors import InvalidResponses
from .figures import BLUE, finish, name_rows, panels
from .headlines import headline

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 40  # rows of a table that is printed in part
DOTS = 80  # rows up to which each is a point of its own


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """One finished estimate: a table, and the text and picture drawn from it.

    A subclass is a frozen dataclass. It defines `to_frame` and, where it has more
    to say, `_about` (what was fitted to what, n, method) and `_caveats`; `_headline`
    names its main numbers, the first first (see `headlines.headline`). A table of more
    than `_whole` rows is printed in part.
    """

    _headline: ClassVar[Sequence[str]] = ()
    _whole = 80

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        # a dataclass would write a repr of its own, with every table in it
        if "__repr__" not in cls.__dict__:
            setattr(cls, "__repr__", Result.__repr__)

    def to_frame(self) -> pd.DataFrame:
        """Return the one table that everything else is drawn from."""
        raise TypeError(f"{type(self).__name__} has no table")

    def _about(self) -> Sequence[str]:
        """Sentences that say what was estimated, on how many persons, and how."""
        return ()

    def _most_rows(self) -> int | None:
        """How many rows to print, None for all of them."""
        return None if len(self.to_frame()) <= self._whole else SHOWN

    def _left_out(self) -> list[str]:
        """A line on the rows that are not printed, if there are any."""
        if self._most_rows() is None:
            return []
        n = len(self.to_frame()) - SHOWN
        return [f"... {n} more rows: to_frame() has them all"]

    def _caveats(self) -> Sequence[str]:
        """Sentences that a reader of the numbers should not miss."""
        return ()

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a reader of the numbers should not miss, in sentences."""
        return tuple(self._caveats())

    def summary(self, digits: int = 3) -> str:
        """Return the about lines, the table rounded to `digits`, and the caveats.

        Of more than 80 rows the first and the last 20 are shown; columns that the
        terminal has no room for follow below.
        """
        table = self.to_frame().round(digits)
        lines = [folded(table, max_rows=self._most_rows()), *self._left_out()]
        return "\n".join([*wrapped(self._about()), *lines, *wrapped(self._caveats())])

    def to_json(self) -> str:
        """Return everything that the result holds as JSON, with the version in it.

        `from_json` makes the result again; arrays come back bit for bit.
        """
        from .saved import as_text

        return as_text(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the result that `to_json` wrote; nothing in the text is executed.

        Of the class it is called on, or of one below it: `Result.from_json` reads all.

        Raises
        ------
        InvalidResponses
            Text that is no saved result, a form or class that this version does not
            know, or a result of another class.
        """
        from .saved import from_text

        found = from_text(text)
        if not isinstance(found, cls):
            raise InvalidResponses(
                f"the text holds a {type(found).__name__}, not a {cls.__name__}; "
                f"read it by {type(found).__name__}.from_json"
            )
        return found

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a small panel for each numeric column (the first ten) on `ax`."""
        frame = self.to_frame().select_dtypes("number").iloc[:, :10]
        ax = axes(ax, rows=len(frame) if len(frame) <= DOTS else 20)
        draw_columns(frame, ax)
        said = next(iter(self._about()), type(self).__name__).rstrip(".")
        return finish(ax, said)

    def _repr_html_(self) -> str:
        table = self.to_frame().round(3)
        lines = "".join(f"<p>{escape(str(line))}</p>" for line in self._about())
        rest = "".join(f"<p>{line}</p>" for line in self._left_out())
        notes = "".join(f"<p><em>{escape(str(c))}</em></p>" for c in self._caveats())
        return lines + table.to_html(max_rows=self._most_rows()) + rest + notes

    def __repr__(self) -> str:
        return headline(self, self._headline)


def shown_width() -> int:
    """Columns that a printed summary may take: the terminal's, or 100 without one."""
    return max(80, get_terminal_size((100, 24)).columns)


def wrapped(sentences: Sequence[str]) -> list[str]:
    """Sentences in lines that fit; the lines of one that has several stay apart."""
    lines = [line for sentence in sentences for line in str(sentence).split("\n")]
    width = shown_width()
    return [piece for line in lines for piece in wrap(line, width) or [""]]


def folded(table: pd.DataFrame, **options: Any) -> str:
    """Return a table as text, columns beyond the terminal's width below the first."""
    width = shown_width()
    return table.to_string(line_width=width, max_colwidth=width // 2, **options)


def draw_columns(frame: pd.DataFrame, ax: Axes) -> None:
    """Draw each column in a panel: a point a row, or a histogram of many rows."""
    many = len(frame) > DOTS
    drawn = panels(ax, list(map(str, frame)), columns=min(5, frame.shape[1]), room=0.16)
    for k, (small, name) in enumerate(zip(drawn, frame)):
        column = frame[name].astype(float)
        if many:
            small.hist(column[np.isfinite(column)], bins=20, color=BLUE)
            continue
        small.plot(column, name_rows(small, frame.index, what=""), "o", color=BLUE)
        small.tick_params(axis="y", labelsize=7, labelleft=k % 5 == 0)
    rows = str(frame.index.name or "row")
    ax.set(xlabel="value", ylabel="rows with the value" if many else rows)
    widest = max(len(str(row)) for row in frame.index[:DOTS])
    ax.yaxis.labelpad = 24 if many else 12 + 4 * widest


def axes(ax: Axes | None = None, *, rows: float = 0, columns: int = 0) -> Axes:
    """Return `ax`, or a new pair of axes in a figure of its own.

    The figure grows with the `rows` and `columns` that are to be named on it.
    """
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    height = np.clip(1.6 + 0.22 * rows, 4.5, 18)
    width = np.clip(2.4 + 0.22 * columns, 7, 18)
    return Figure(figsize=(width, height), layout="constrained").subplots()
