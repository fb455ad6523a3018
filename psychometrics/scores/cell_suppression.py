"""Which cells of a published table must be hidden, so that no small group shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..errors import InvalidResponses
from ..figures import finish, heatmap
from ..results import Result, axes
from ..score_column import score_column

MINIMUM_N = 10
FEW_N = 30


@dataclass(frozen=True, eq=False, kw_only=True)
class Suppression(Result):
    """What to hide: True in `cells`, `row_totals`, `column_totals` and `total`.

    `cells` is labelled like the counts. For a list of groups (a Series) there are
    no totals of rows and columns, only the grand total.
    """

    _headline = ("hidden=cells", "minimum")

    cells: pd.Series | pd.DataFrame
    total: bool
    row_totals: pd.Series | None = None
    column_totals: pd.Series | None = None
    minimum: int = MINIMUM_N

    def to_frame(self) -> pd.DataFrame:
        """Return the mask with its totals, True where hidden."""
        if isinstance(self.cells, pd.Series):
            whole = pd.concat([self.cells, pd.Series({"total": self.total})])
            return whole.astype(bool).to_frame("hidden")
        framed = self.cells.assign(total=self.row_totals)
        below = pd.Series(self.column_totals, self.cells.columns)
        framed.loc["total"] = [*below, self.total]
        return framed.astype(bool)

    def _about(self) -> Sequence[str]:
        return (f"Groups under {self.minimum}, and what would give them away.",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mask: dark where hidden."""
        mask = self.to_frame()
        ax = axes(ax, rows=len(mask), columns=mask.shape[1])
        heatmap(ax, mask.astype(float), low=0, limit=1, label="hidden", form=".0f")
        title = (
            f"Hidden cells (1): groups under {self.minimum} and what gives them away"
        )
        x = str(mask.columns.name or "column")
        return finish(ax, title, x=x, y=str(mask.index.name or "group"))


def suppress(
    counts: pd.Series | pd.DataFrame,
    *,
    minimum: int = MINIMUM_N,
    alike: pd.Series | pd.DataFrame | None = None,
    totals: bool = True,
) -> Suppression:
    """Hide small groups, and as many others as it takes that none can be worked out.

    Primary: every group of 1 to `minimum` - 1 persons, totals included, and every
    group in `alike`. Complementary (Hundepool et al., 2012, chapter 4): while a
    hidden number follows from those shown, or the hidden rest of a row or column
    is itself a small group, the smallest shown group beside it is hidden too.
    Nobody is not a group: a nought stays, and hides nothing.

    Parameters
    ----------
    counts : Series or DataFrame of whole numbers >= 0, any shape
        Persons in each group; a DataFrame is a cross-table of groups that do not
        overlap.
    minimum : int
        The smallest group that is shown.
    alike : boolean, shaped like `counts`, optional
        Groups in which everybody answered alike: showing the mean would show
        what each person said.
    totals : bool
        Whether totals are published (or known): without them nothing follows from
        what is shown, and there is nothing complementary to hide.

    Returns
    -------
    Suppression
        What may be shown, and what is hidden and why.

    Raises
    ------
    InvalidResponses
        A count that is negative, missing or not whole.

    Examples
    --------
    >>> import pandas as pd
    >>> found = suppress(pd.Series({"north": 40, "south": 4, "west": 25}))
    >>> found.to_frame().index.tolist()
    ['north', 'south', 'west', 'total']
    """
    inside = np.atleast_2d(score_column(counts, "counts", one_each=False))
    if inside.size and not ((inside >= 0) & (inside == np.round(inside))).all():
        raise InvalidResponses("counts must be whole numbers of persons, 0 or more")
    if isinstance(counts, pd.Series):
        whole = np.append(inside, inside.sum(axis=1, keepdims=True), axis=1)
    else:
        whole = np.block(
            [
                [inside, inside.sum(axis=1, keepdims=True)],
                [inside.sum(axis=0, keepdims=True), inside.sum(keepdims=True)],
            ]
        )
    hidden = (whole > 0) & (whole < minimum)
    if alike is not None:
        rows, columns = inside.shape
        hidden[:rows, :columns] |= np.atleast_2d(np.asarray(alike, bool)) & (inside > 0)
    if totals:
        hidden = _complement(whole, hidden, minimum)
    return _labelled(counts, hidden, minimum)


def _labelled(
    counts: pd.DataFrame | pd.Series, hidden: np.ndarray, minimum: int
) -> Suppression:
    if isinstance(counts, pd.Series):
        cells = pd.Series(hidden[0, :-1], index=counts.index)
        return Suppression(cells=cells, total=bool(hidden[0, -1]), minimum=minimum)
    frame = pd.DataFrame(counts)
    return Suppression(
        cells=pd.DataFrame(hidden[:-1, :-1], index=frame.index, columns=frame.columns),
        total=bool(hidden[-1, -1]),
        row_totals=pd.Series(hidden[:-1, -1], index=frame.index),
        column_totals=pd.Series(hidden[-1, :-1], index=frame.columns),
        minimum=minimum,
    )


def _complement(whole: np.ndarray, hidden: np.ndarray, minimum: int) -> np.ndarray:
    lines = _lines(whole.shape)
    n, mask = whole.ravel(), hidden.ravel().copy()
    while True:
        exposed = _exposed(n, mask, lines, minimum)
        if not exposed:
            return mask.reshape(whole.shape)
        line = min(exposed, key=lambda line: mask[line].sum() or n.size)
        shown = [cell for cell in line if not mask[cell] and n[cell] > 0]
        # the total, last in its line, goes only when no group is left to hide
        mask[min(shown, key=lambda cell: (cell == line[-1], n[cell]))] = True


def _lines(shape: tuple[int, int]) -> list[np.ndarray]:
    """Return the cells of each row and column; the last is the sum of the others."""
    cells = np.arange(shape[0] * shape[1]).reshape(shape)
    return [*cells, *cells.T] if shape[0] > 1 else [*cells]


def _exposed(
    n: np.ndarray, mask: np.ndarray, lines: Sequence[np.ndarray], minimum: int
) -> list[np.ndarray]:
    """Return the lines that give something away and still have a group to hide."""
    known = _computable(mask & (n > 0), lines)
    open_lines = [line for line in lines if ((n > 0) & ~mask)[line].any()]
    exposed = [
        line
        for line in open_lines
        if known[line].any()
        or (not mask[line[-1]] and 0 < n[line[:-1]][mask[line[:-1]]].sum() < minimum)
    ]
    return exposed or (open_lines if known.any() else [])


def _computable(unknown: np.ndarray, lines: Sequence[np.ndarray]) -> np.ndarray:
    """Return which unknown cells the sums determine: those no solution can move."""
    where = np.flatnonzero(unknown)
    known = np.zeros(len(unknown), bool)
    if not len(where):
        return known
    equations = np.zeros((len(lines), len(unknown)))
    for row, line in zip(equations, lines):
        row[line[:-1]], row[line[-1]] = 1.0, -1.0
    _, sizes, directions = np.linalg.svd(equations[:, where])
    free = directions[int((sizes > 1e-9).sum()) :]
    known[where] = (np.abs(free) < 1e-9).all(axis=0)
    return known
