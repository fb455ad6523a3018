"""Manifest monotonicity: do better rest scores go with higher answers?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..figures import BLUE, ORANGE, finish, panels
from ..results import Result, axes
from .item_steps import as_steps
from .rest_score_groups import (
    MIN_VIOLATION,
    SIGNIFICANT_Z,
    default_min_size,
    records,
    rest_groups,
    summarise,
)
from .scalability import scalability


@dataclass(frozen=True, eq=False, kw_only=True)
class Monotonicity(Result):
    """Violations of increasing step curves, one row for each item.

    `curves` has one row for each item and rest-score group: the group's size, its
    lowest and highest rest score, its mean answer, and the share passing each step.
    `violations` lists the single decreases.
    """

    _headline = ("n_violations=table.n_violations.sum", "h_item=table.h_item", "n")

    table: pd.DataFrame
    curves: pd.DataFrame
    violations: pd.DataFrame
    min_violation: float
    min_size: int
    n: int
    notes: tuple = ()

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"Manifest monotonicity, n = {self.n}; rest-score groups of at least "
            f"{self.min_size}; decreases above {self.min_violation:g}.",
        )

    def _caveats(self) -> Sequence[str]:
        doubtful = self.table.index[self.table["criterion"] > 80].tolist()
        if not doubtful:
            return self.notes
        return (f"Criterion above 80: {', '.join(map(str, doubtful))}.", *self.notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw one small panel an item: its mean answer over the rest-score groups.

        A group in which some step is passed less often than in a lower one stands as a
        cross where that is significant, as an open square where it is not.
        """
        items = list(self.table.index)
        ax = axes(ax, rows=4.2 * -(-len(items) // 5))
        marks = {True: ("X", ORANGE), False: ("s", "none")}
        for small, item in zip(panels(ax, items, shared=True), items):
            curve = self.curves[self.curves["item"] == item].reset_index()
            middle = (curve["lowest"] + curve["highest"]) / 2
            small.plot(middle, curve["mean"], "o-", color=BLUE, markersize=3)
            small.set_xlim(self.curves["lowest"].min(), self.curves["highest"].max())
            small.set_ylim(
                self.curves["mean"].min() - 0.2, self.curves["mean"].max() + 0.2
            )
            own = self.violations[self.violations["item"] == item]
            for group, worst in own.groupby("group")["significant"].max().items():
                mark, fill = marks[bool(worst)]
                small.plot(
                    middle[group],
                    curve["mean"][group],
                    mark,
                    color=ORANGE,
                    markerfacecolor=fill,
                    markersize=6,
                )
        for worst, words in ((True, "significantly"), (False, "not significantly")):
            mark, fill = marks[worst]
            label = f"a step falls, {words}"
            ax.plot([], [], mark, label=label, color=ORANGE, markerfacecolor=fill)
        fall = int((self.table["n_significant"] > 0).sum())
        title = (
            f"Mean answer by rest score: {fall} of {len(items)} items fall "
            f"significantly, n = {self.n}"
        )
        y = "mean answer, in steps passed"
        return finish(ax, title, x="rest score", y=y, key=True)


def monotonicity(
    responses: pd.DataFrame,
    *,
    min_violation: float = MIN_VIOLATION,
    min_size: int | None = None,
    missing: str = "pairwise",
) -> Monotonicity:
    """Check that passing each step gets likelier with the rest score (Junker, 1993).

    For every item the persons are grouped by their score on the other items; a
    step passed less often in a higher group by more than `min_violation` is a
    violation, with Molenaar's (1970) normal approximation to the hypergeometric
    test. A pair of groups is active when a violation was possible.

    Parameters
    ----------
    responses : DataFrame or array, shape (n_persons, n_items)
        As in `scalability`.
    min_violation : float in [0, 1)
        The smallest decrease in a proportion that counts.
    min_size : int, optional
        Persons in a rest-score group at least; without it n / 10 above 500
        persons, n / 5 from 250, else the larger of n / 3 and 50.
    missing : {"pairwise", "complete"}
        Rest scores prorated for persons who answered half of the other items, or
        complete cases alone.

    Returns
    -------
    Monotonicity
        `table` has one row an item: active comparisons, violations, the largest, and
        how many are significant.

    Raises
    ------
    InvalidResponses
        As `scalability`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = monotonicity(made.responses)
    >>> found.table["n_significant"].tolist()
    [0, 0, 0, 0]
    """
    steps = as_steps(responses, missing=missing)
    size = default_min_size(steps.n_persons) if min_size is None else min_size
    curves, rows, n_active = [], [], []
    for item in range(steps.n_items):
        rest = steps.rest_scores(item)
        known = ~np.isnan(rest)
        group = rest_groups(rest[known], size)
        passed = steps.passed[known, item]
        curves.append(_curve(steps.items[item], group, rest[known], passed))
        active, falls = _decreases(item, group, passed, min_violation)
        n_active.append(active)
        rows += falls
    found = records(rows)
    h_item = scalability(steps).h_item
    return Monotonicity(
        table=summarise(steps.items, h_item, n_active, found),
        curves=pd.concat(curves, ignore_index=True),
        violations=_labelled(found, steps.items),
        min_violation=min_violation,
        min_size=size,
        n=steps.n_persons,
        notes=steps.notes,
    )


def _labelled(found: pd.DataFrame, items: pd.Index) -> pd.DataFrame:
    labels = {name: items.to_numpy()[found[name]] for name in ("item", "other")}
    return found.assign(**labels)


def _curve(
    label: str, group: np.ndarray, rest: np.ndarray, passed: np.ndarray
) -> pd.DataFrame:
    by_group = pd.Series(rest).groupby(group)
    shares = pd.DataFrame(passed).groupby(group).mean()
    return pd.DataFrame(
        {
            "item": label,
            "group": np.arange(group.max() + 1),
            "n": by_group.size(),
            "lowest": by_group.min(),
            "highest": by_group.max(),
            "mean": shares.sum(axis=1),  # steps passed on average
        }
    ).join(shares.rename(columns=lambda step: f"step_{step + 1}"))


def _decreases(
    item: int, group: np.ndarray, passed: np.ndarray, min_violation: float
) -> tuple[int, list[tuple[float, ...]]]:
    """Return the active comparisons of one item and its violations as records."""
    size = np.bincount(group)
    passed = np.array([np.bincount(group, weights=step) for step in passed.T])
    share = passed / size
    low, high = np.triu_indices(len(size), 1)
    active = (share[:, low] > 0) & (share[:, high] < 1)
    decrease = share[:, low] - share[:, high]
    z = _hypergeometric_z(passed[:, low], size[low], passed[:, high], size[high])
    return active.sum(), [
        (item, item, step + 1, step + 1, high[pair], decrease[step, pair])
        + (z[step, pair], z[step, pair] > SIGNIFICANT_Z)
        for step, pair in np.argwhere(decrease > min_violation)
    ]


def _hypergeometric_z(
    passed_low: np.ndarray,
    n_low: np.ndarray,
    passed_high: np.ndarray,
    n_high: np.ndarray,
) -> np.ndarray:
    """Return Molenaar's (1970) z that the lower group passes more; its size only."""
    failed_high, failed_low = n_high - passed_high, n_low - passed_low
    n = n_low + n_high
    root = np.sqrt(passed_low * failed_high) - np.sqrt(
        (failed_low + 1) * (passed_high + 1)
    )
    return np.abs(2 * root / np.sqrt(n - 1))
