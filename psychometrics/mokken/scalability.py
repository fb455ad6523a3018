"""Loevinger's H of pairs, items and the scale, with standard errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ..annotations import AnswerTable, Axes
from ..figures import bound, dots, finish, name_rows, spread
from ..options import check_level
from ..results import Result, axes
from .item_steps import Steps, as_steps
from .pairs import PairTables, each_pair, pair_tables


@dataclass(frozen=True, eq=False, kw_only=True)
class Scalability(Result):
    """H coefficients, their standard errors, and Mokken's Z against H = 0."""

    _headline = ("h", "ci=interval", "items=h_item.index", "n")

    h: float
    se_h: float
    z: float
    h_item: pd.Series
    se_item: pd.Series
    z_item: pd.Series
    item_cov: pd.DataFrame  # covariances of the estimates in h_item
    h_pair: pd.DataFrame  # NaN on the diagonal
    se_pair: pd.DataFrame
    z_pair: pd.DataFrame
    n: int
    n_dropped: int
    level: float = 0.95
    notes: tuple = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each item."""
        half = ndtri((1 + self.level) / 2) * self.se_item
        return pd.DataFrame(
            {
                "h_item": self.h_item,
                "se": self.se_item,
                "lower": self.h_item - half,
                "upper": self.h_item + half,
                "z": self.z_item,
                "lowest_pair": self.h_pair.min(),
            }
        )

    def interval(self) -> tuple[float, float]:
        """Return (lower, upper) of the scale's H."""
        half = ndtri((1 + self.level) / 2) * self.se_h
        return self.h - half, self.h + half

    def against(self, bound: float) -> pd.Series:
        """Return one-sided p values that each item's H is no higher than `bound`."""
        return pd.Series(ndtr((bound - self.h_item) / self.se_item), self.h_item.index)

    def _about(self) -> Sequence[str]:
        lower, upper = self.interval()
        return (
            f"Scale H = {self.h:.3f} ({lower:.3f} to {upper:.3f}), n = {self.n}; "
            "standard errors by Kuijpers, Van der Ark and Croon (2013).",
        )

    def _caveats(self) -> Sequence[str]:
        notes = [*self.notes]
        weak = self.h_item.index[self.h_item < 0.3].tolist()
        if weak:
            notes.append(f"H_i below .30: {', '.join(map(str, weak))}.")
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each item's H with its interval, and the bound of .30."""
        frame = self.to_frame()
        ax = axes(ax, rows=len(frame))
        at, h = name_rows(ax, frame.index), frame["h_item"]
        low = h < 0.3
        words = ("at .30 or above", "below .30")
        reach = spread(h, frame["lower"], frame["upper"])
        dots(ax, at, h, reach, flags=low, words=words)
        bound(ax, 0.3, "lower bound .30")
        title = (
            f"Scalability of {len(frame)} items: scale H = {self.h:.2f}, n = {self.n}"
        )
        x = f"H of the item, {self.level:.0%} interval"
        return finish(ax, title, x=x, key=True)


def scalability(
    responses: AnswerTable | Steps, *, missing: str = "pairwise", level: float = 0.95
) -> Scalability:
    """Loevinger's H as Mokken (1971) uses it, for ordered categories.

    H is a ratio of covariances, observed over largest possible given the margins
    (Molenaar, 1991); 1 for a perfect Guttman scale, 0 where items are unrelated.
    Standard errors by the delta method on the multinomial pattern counts (Kuijpers,
    Van der Ark & Croon, 2013), as sums of squared influences of persons; where
    two steps are equally popular the influence is shared between them.

    Parameters
    ----------
    responses : DataFrame or array, shape (n_persons, n_items)
        Whole-number codes of shared categories, all items pointing the same way.
    missing : {"pairwise", "complete"}
        Each pair of items over the persons who answered both, so that booklets and
        items that do not apply lose nobody; or complete cases alone.
    level : float in (0, 1)
        Coverage of the intervals.

    Returns
    -------
    Scalability
        H of the scale, of each item and of each pair, with standard errors.

    Raises
    ------
    InvalidResponses
        As `check_responses`; also when an item is constant among complete cases.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = scalability(made.responses)
    >>> round(found.h, 2), found.h_item.round(2).tolist()
    (0.43, [0.44, 0.42, 0.41, 0.42])
    """
    check_level(level)
    steps = as_steps(responses, missing=missing)
    tables, rows = _tables_and_influences(steps)
    every = np.arange(steps.n_items)
    off = ~np.eye(steps.n_items, dtype=bool)
    divisor = np.where(off, tables.cov_max, 1.0)
    frame = _labeller(steps.items)
    return Scalability(
        h=float(tables.scale_h(every)),
        se_h=float(np.sqrt((rows.scale**2).sum())),
        z=float(tables.cov.sum() / np.sqrt(2 * tables.noise.sum())),
        h_item=pd.Series(tables.item_h(every, every), index=steps.items),
        se_item=pd.Series(np.sqrt((rows.item**2).sum(axis=0)), index=steps.items),
        z_item=pd.Series(tables.item_z(every, every), index=steps.items),
        item_cov=frame(rows.item.T @ rows.item),
        h_pair=frame(np.where(off, tables.cov / divisor, np.nan)),
        se_pair=frame(np.where(off, rows.pair_se, np.nan)),
        z_pair=frame(
            np.where(off, tables.cov / np.sqrt(np.where(off, tables.noise, 1)), np.nan)
        ),
        n=steps.n_persons,
        n_dropped=steps.n_dropped,
        level=level,
        notes=steps.notes,
    )


@dataclass(frozen=True, eq=False)
class _Influences:
    """Persons' influence on the coefficients of items and scale; pairs' errors."""

    item: np.ndarray  # persons x items
    scale: np.ndarray  # persons
    pair_se: np.ndarray  # items x items


def _tables_and_influences(steps: Steps) -> tuple[PairTables, _Influences]:
    tables = pair_tables(steps)
    every = np.arange(steps.n_items)
    share, total_max = tables.item_h(every, every), tables.cov_max.sum(axis=1)
    whole = tables.scale_h(every)
    item = np.zeros((steps.n_persons, steps.n_items))
    scale, pair_se = np.zeros(steps.n_persons), np.zeros(tables.cov.shape)
    for i, j, both, pair in each_pair(steps):
        on_cov, on_max = pair.influences()
        h = tables.cov[i, j] / tables.cov_max[i, j]
        own = (on_cov - h * on_max) / tables.cov_max[i, j]
        pair_se[i, j] = pair_se[j, i] = np.sqrt(own @ own)
        for k in (i, j):
            item[both, k] += (on_cov - share[k] * on_max) / total_max[k]
        scale[both] += (on_cov - whole * on_max) * (2 / total_max.sum())
    return tables, _Influences(item, scale, pair_se)


def _labeller(items: pd.Index) -> Callable:
    return lambda square: pd.DataFrame(square, index=items, columns=items)
