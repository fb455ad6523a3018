"""Invariant item ordering: are the same items hard for everybody?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import stdtr

from ..annotations import Axes
from ..errors import InvalidResponses
from ..figures import bars, finish, name_rows
from ..results import Result, axes
from .item_steps import Steps, as_steps
from .pairs import PairTables, pair_tables
from .rest_score_groups import (
    MIN_VIOLATION,
    default_min_size,
    records,
    rest_groups,
    summarise,
)
from .scalability import scalability


@dataclass(frozen=True, eq=False, kw_only=True)
class InvariantOrdering(Result):
    """Violations of an invariant item ordering, and what is left without them.

    `steps` counts, for each item and each step of the backward selection, the other
    items with which it has a significant violation; NaN once it is removed. `ht`
    is that of the retained items, `ht_all` that of all.
    """

    _headline = ("ht", "retained", "removed", "n")

    table: pd.DataFrame
    violations: pd.DataFrame
    steps: pd.DataFrame
    removed: list
    retained: list
    ht: float
    ht_all: float
    min_violation: float
    n: int
    notes: tuple = ()

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"Manifest invariant item ordering, n = {self.n}; reversed means above "
            f"{self.min_violation:g}. H^T = {self.ht:.3f} for the "
            f"{len(self.retained)} retained items, {self.ht_all:.3f} for all.",
        )

    def _caveats(self) -> Sequence[str]:
        notes = [*self.notes]
        if self.removed:
            notes.append(f"Removed, in order: {', '.join(map(str, self.removed))}.")
        if self.ht < 0.3:
            notes.append("H^T below .30: too inaccurate an ordering to be used.")
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many items each item is reversed with, and which are retained."""
        first = self.steps.iloc[:, 0]
        ax = axes(ax, rows=len(first))
        out = [item not in self.retained for item in first.index]
        words = ("retained", "removed, one at a time")
        bars(ax, name_rows(ax, first.index), first, flags=out, words=words)
        ax.set_xlim(0, max(1.0, 1.05 * first.max()))
        return finish(
            ax,
            f"Item ordering, n = {self.n}: {(first > 0).sum()} of {len(first)} items "
            f"reversed with another; H^T {self.ht:.2f} of those retained",
            x="items in significantly reversed order, before any was removed",
            key=True,
        )


def invariant_ordering(
    responses: pd.DataFrame,
    *,
    min_violation: float | None = None,
    min_size: int | None = None,
    alpha: float = 0.05,
    missing: str = "pairwise",
) -> InvariantOrdering:
    """Manifest invariant item ordering, MIIO (Ligtvoet et al., 2010), and H^T.

    Within groups of persons alike on the other items, an item with the higher
    overall mean should not have the lower mean; each reversal is tested by a
    one-sided paired t test. Backward selection takes out, one by one, the item
    with significant reversals with most others, and of several the one without which
    the scale's H is highest, until none is left.

    Parameters
    ----------
    responses : DataFrame or array, shape (n_persons, n_items)
        As in `scalability`.
    min_violation : float, optional
        Smallest difference of means that counts; 0.03 times the highest code.
    min_size : int, optional
        As in `monotonicity`.
    alpha : float in (0, 1)
        Level of each t test.
    missing : {"pairwise", "complete"}
        As in `monotonicity`; H^T is of complete cases always, NaN without any.

    Returns
    -------
    InvariantOrdering
        `table` has one row an item; `steps` is the backward selection.

    Raises
    ------
    InvalidResponses
        As `scalability`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = invariant_ordering(made.responses)
    >>> found.table["n_significant"].tolist()
    [0, 0, 0, 0]
    """
    steps = as_steps(responses, missing=missing)
    if steps.n_items < 3:
        raise InvalidResponses(
            "2 items: their order is compared in groups of the sum of the others, and "
            "there is no other; three are needed"
        )
    order = np.argsort(-steps.popularity.sum(axis=1), kind="stable")
    steps = steps.keep(order)
    least = MIN_VIOLATION * steps.n_steps if min_violation is None else min_violation
    size = default_min_size(steps.n_persons) if min_size is None else min_size
    found, n_active = _reversed_means(steps, least, size, alpha)
    history, removed = _backward(steps, _crossed(found, steps.n_items))
    kept = np.setdiff1d(np.arange(steps.n_items), removed)
    labels = {name: steps.items.to_numpy()[found[name]] for name in ("item", "other")}
    h_item = scalability(steps).h_item
    return InvariantOrdering(
        table=summarise(steps.items, h_item, n_active, found, statistic="t"),
        violations=found.assign(**labels),
        steps=pd.DataFrame(history, index=range(1, len(history) + 1)).T.set_axis(
            steps.items
        ),
        removed=steps.items[removed].tolist(),
        retained=steps.items[kept].tolist(),
        ht=_ht(steps, kept),
        ht_all=_ht(steps, np.arange(steps.n_items)),
        min_violation=least,
        n=steps.n_persons,
        notes=steps.notes,
    )


def transposed_h(values: np.ndarray) -> float:
    """H of the transposed table: how alike persons order the items (H^T).

    Covariances of all pairs of persons over their largest possible, from sums over
    persons and over persons with their answers sorted.
    """
    return _sum_of_covariances(values) / _sum_of_covariances(np.sort(values, axis=1))


def _ht(steps: Steps, kept: np.ndarray) -> float:
    values = steps.values[:, kept]
    values = values[(values >= 0).all(axis=1)]
    return transposed_h(values) if len(values) > 2 else np.nan


def _sum_of_covariances(values: np.ndarray) -> float:
    centred = values - values.mean(axis=1, keepdims=True)
    return ((centred.sum(axis=0) ** 2).sum() - (centred**2).sum()) / 2


def _reversed_means(
    steps: Steps, least: float, size: int, alpha: float
) -> tuple[pd.DataFrame, np.ndarray]:
    rows, n_active = [], np.zeros(steps.n_items, int)
    for i, j in combinations(range(steps.n_items), 2):
        rest = steps.rest_scores(i, j)
        known = ~np.isnan(rest)
        group = rest_groups(rest[known], size)
        n_active[[i, j]] += group.max()
        behind = (steps.values[known, j] - steps.values[known, i]).astype(float)
        rows += _reversed_in_groups(i, j, behind, group, least, alpha)
    return records(rows), n_active


def _reversed_in_groups(
    i: int, j: int, behind: np.ndarray, group: np.ndarray, least: float, alpha: float
) -> list[tuple[float, ...]]:
    n = np.bincount(group)
    mean = np.bincount(group, behind) / n
    rows: list[tuple[float, ...]] = []
    for g in np.flatnonzero(mean > least).tolist():
        spread = behind[group == g].std(ddof=1)
        t = mean[g] / spread * np.sqrt(n[g]) if spread > 0 else np.inf
        significant = stdtr(n[g] - 1, -t) < alpha
        rows.append((i, j, np.nan, np.nan, g, mean[g], t, significant))
    return rows


def _crossed(found: pd.DataFrame, n_items: int) -> np.ndarray:
    """Return which pairs of items have a significant reversal."""
    crossed = np.zeros((n_items, n_items), bool)
    significant = found[found["significant"]]
    crossed[significant["item"], significant["other"]] = True
    return crossed | crossed.T


def _backward(steps: Steps, crossed: np.ndarray) -> tuple[list[np.ndarray], list[int]]:
    """Return the counts at each step and the positions removed, in order."""
    tables = pair_tables(steps)
    alive = np.ones(len(crossed), bool)
    removed: list[int] = []
    history: list[np.ndarray] = []
    while True:
        count = crossed[:, alive].sum(axis=1)
        history.append(np.where(alive, count, np.nan))
        if not count[alive].any():
            return history, removed
        tied = np.flatnonzero(alive & (count == count[alive].max())).tolist()
        out = max(tied, key=lambda item: _h_without(item, alive, tables))
        alive[out] = False
        removed.append(out)


def _h_without(item: int, alive: np.ndarray, tables: PairTables) -> float:
    left = np.flatnonzero(alive & (np.arange(len(alive)) != item))
    return tables.scale_h(left) if len(left) > 1 else 0.0
