"""Which items make Mokken scales: stepwise search, and a genetic one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ..annotations import Axes, Rng
from ..figures import SHADES, bound, finish, name_rows
from ..options import check_option, generator
from ..results import Result, axes
from .genetic import best_partition
from .item_steps import Steps, as_steps
from .pairs import PairTables, pair_tables


@dataclass(frozen=True, eq=False, kw_only=True)
class ScaleSelection(Result):
    """The scale of each item: 1 for the first found, 0 for none."""

    _headline = ("h", "scales=h.index", "items=scale.index", "n")

    scale: pd.Series
    h_item: pd.Series  # within the item's own scale; NaN outside any
    h: pd.Series  # of each scale
    lower_bound: float
    search: str
    n: int
    notes: tuple = ()

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame({"scale": self.scale, "h_item": self.h_item})

    def scales(self) -> dict[int, list[str]]:
        """Return {scale number: its items}."""
        return {k: self.scale.index[self.scale == k].tolist() for k in self.h.index}

    def _about(self) -> Sequence[str]:
        found = ", ".join(f"{k}: H = {h:.2f}" for k, h in self.h.items()) or "none"
        return (
            f"Mokken scales at lower bound {self.lower_bound:g}, {self.search} search, "
            f"n = {self.n}. Scales found: {found}.",
        )

    def _caveats(self) -> Sequence[str]:
        return self.notes

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each item's H within its scale; what is in no scale is not shown."""
        frame = self.to_frame().query("scale > 0").sort_values("scale", kind="stable")
        ax = axes(ax, rows=len(frame))
        at = name_rows(ax, frame.index)
        for k, (number, rows) in enumerate(frame.groupby("scale")):
            shade, hatch = SHADES[k % len(SHADES)]
            chosen = (frame["scale"] == number).to_numpy()
            name = f"scale {number}: H = {self.h[number]:.2f}"
            ax.barh(
                at[chosen],
                rows["h_item"],
                label=name,
                color=shade,
                hatch=hatch,
                edgecolor="white",
            )
        bound(ax, self.lower_bound, f"lower bound {self.lower_bound:g}")
        title = f"Mokken scales among {len(self.scale)} items, n = {self.n}"
        return finish(ax, title, x="H of the item in its scale", key=True)


def aisp(
    responses: pd.DataFrame,
    *,
    lower_bound: float = 0.3,
    alpha: float = 0.05,
    search: str = "normal",
    missing: str = "pairwise",
    rng: Rng = None,
) -> ScaleSelection:
    """Partition items into Mokken scales, each as long as it can be.

    "normal" is Mokken's (1971) stepwise search: the pair with the highest
    significant H_ij, then again and again the item that keeps the scale's H highest
    among those with positive H_ij to all its items, a significant H_i and H_i of at
    least `lower_bound`; then the next scale from what is left. The level is divided by
    the number of tests made so far. "genetic" searches all partitions for the
    longest first scale, then the longest second, ... (Straat, Van der Ark &
    Sijtsma, 2013), and starts from the stepwise solution, so that it is never worse.

    Parameters
    ----------
    responses : DataFrame or array, shape (n_persons, n_items)
        As in `scalability`.
    lower_bound : float in [0, 1)
        The least H_i of an item in a scale.
    alpha : float in (0, 1)
        Level of the test that H is above 0.
    search : {"normal", "genetic"}
        Stepwise, or over all partitions.
    missing : {"pairwise", "complete"}
        As in `scalability`.
    rng : Generator or int
        Needed by the genetic search.

    Returns
    -------
    ScaleSelection
        `scale` numbers each item's scale, 0 for none; `h` is H of each scale.

    Raises
    ------
    InvalidResponses
        As `scalability`.
    InvalidOption
        An unknown `search`, or the genetic one without `rng`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> aisp(made.responses).scale.tolist()
    [1, 1, 1, 1]
    """
    check_option("search", search, ("normal", "genetic"))
    steps = as_steps(responses, missing=missing)
    tables = pair_tables(steps)
    scale = _stepwise(tables, lower_bound, alpha)
    if search == "genetic":
        draws = generator(rng, what="the genetic search")
        critical = -ndtri(alpha)
        scale = best_partition(
            scale,
            lambda chosen: _is_scale(tables, chosen, lower_bound, critical),
            draws,
        )
    return _result(steps, tables, scale, lower_bound, search)


def _is_scale(
    tables: PairTables, chosen: Sequence[int], lower_bound: float, critical: float
) -> bool:
    """Whether these items satisfy the definition of a Mokken scale."""
    pick = np.ix_(chosen, chosen)
    off = ~np.eye(len(chosen), dtype=bool)
    return bool(
        (tables.cov[pick][off] > 0).all()
        and (tables.item_h(chosen, chosen) >= lower_bound).all()
        and (tables.item_z(chosen, chosen) > critical).all()
    )


def _stepwise(tables: PairTables, lower_bound: float, alpha: float) -> np.ndarray:
    scale = np.zeros(len(tables.cov), int)
    number = 0
    while True:
        left = np.flatnonzero(scale == 0)
        chosen = _one_scale(tables, left, lower_bound, alpha)
        if not chosen:
            return scale
        number += 1
        scale[chosen] = number


def _one_scale(
    tables: PairTables, left: np.ndarray, lower_bound: float, alpha: float
) -> list[int]:
    if len(left) < 2:
        return []
    n_tests = len(left) * (len(left) - 1) // 2
    chosen = _best_pair(tables, left, lower_bound, -ndtri(alpha / n_tests))
    pool = [item for item in left if item not in chosen]
    while chosen and pool:
        pool = [item for item in pool if (tables.cov[item, chosen] > 0).all()]
        if not pool:
            break
        n_tests += len(pool)
        able = _able(tables, pool, chosen, lower_bound, alpha / n_tests)
        if not able:
            break
        best = max(able, key=lambda item: tables.scale_h([*chosen, item]))
        chosen.append(best)
        pool.remove(best)
    return chosen


def _best_pair(
    tables: PairTables, left: np.ndarray, lower_bound: float, critical: float
) -> list[int]:
    first, second = np.triu_indices(len(left), 1)
    i, j = left[first], left[second]
    h = tables.cov[i, j] / tables.cov_max[i, j]
    able = (h >= lower_bound) & (
        tables.cov[i, j] > critical * tables.noise[i, j] ** 0.5
    )
    if not able.any():
        return []
    best = np.argmax(np.where(able, h, -np.inf))
    return [int(i[best]), int(j[best])]


def _able(
    tables: PairTables,
    pool: Sequence[int],
    chosen: Sequence[int],
    lower_bound: float,
    level: float,
) -> list[int]:
    enough = tables.item_h(pool, chosen) >= lower_bound
    certain = tables.item_z(pool, chosen) > -ndtri(level)
    return [item for item, good in zip(pool, enough & certain) if good]


def _result(
    steps: Steps, tables: PairTables, scale: np.ndarray, lower_bound: float, search: str
) -> ScaleSelection:
    h_item = np.full(len(scale), np.nan)
    h = {}
    for number in range(1, scale.max() + 1):
        chosen = np.flatnonzero(scale == number)
        h_item[chosen] = tables.item_h(chosen, chosen)
        h[number] = tables.scale_h(chosen)
    return ScaleSelection(
        scale=pd.Series(scale, index=steps.items),
        h_item=pd.Series(h_item, index=steps.items),
        h=pd.Series(h, dtype=float),
        lower_bound=lower_bound,
        search=search,
        n=steps.n_persons,
        notes=steps.notes,
    )
