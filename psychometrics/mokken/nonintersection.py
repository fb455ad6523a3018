"""Do the step curves of two items keep their order? Rest-score and P-matrix checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..figures import BLUE, PALE, finish, name_rows
from ..results import Result, axes
from .item_steps import Steps, as_steps
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
class Nonintersection(Result):
    """Violations of nonintersecting step curves, one row for each item.

    A violation counts for both items. `violations` lists them singly: `step` of
    `item` is the more popular one, and was passed less often than `other_step` of
    `other` in that group (or beside that step of a third item).
    """

    _headline = ("n_violations=table.n_violations.sum", "n", "method")

    table: pd.DataFrame
    violations: pd.DataFrame
    method: str
    min_violation: float
    n: int
    notes: tuple = ()

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"Nonintersection of step curves by the {self.method} method, "
            f"n = {self.n}; reversals above {self.min_violation:g}.",
        )

    def _caveats(self) -> Sequence[str]:
        return self.notes

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many reversals each item has, and how many are significant."""
        table = self.table
        ax = axes(ax, rows=len(table))
        at = name_rows(ax, table.index)
        ax.barh(at, table["n_violations"], color=PALE, label="reversals")
        ax.barh(at, table["n_significant"], height=0.4, color=BLUE, label="significant")
        ax.set_xlim(0, max(1.0, 1.05 * table["n_violations"].max()))
        title = f"Nonintersection by the {self.method} method, n = {self.n}"
        x = f"reversals above {self.min_violation:g}"
        return finish(ax, title, x=x, key=True)


def restscore_check(
    responses: pd.DataFrame,
    *,
    min_violation: float = MIN_VIOLATION,
    min_size: int | None = None,
    missing: str = "pairwise",
) -> Nonintersection:
    """Check nonintersection within rest-score groups (Sijtsma & Junker, 1996).

    For each pair of items and steps, the step that is less popular overall should
    not be passed more often in any group of persons alike on the other items.
    Reversals are tested by Molenaar's (1970) normal approximation to the sign test.

    Parameters
    ----------
    responses, min_violation, min_size, missing
        As in `monotonicity`.
    """
    steps = as_steps(responses, missing=missing)
    size = default_min_size(steps.n_persons) if min_size is None else min_size
    rows, n_active = [], np.zeros(steps.n_items, int)
    for i, j in combinations(range(steps.n_items), 2):
        rest = steps.rest_scores(i, j)
        known = ~np.isnan(rest)
        group = rest_groups(rest[known], size)
        # reversals average out over groups, so one group fewer is free to reverse
        n_active[[i, j]] += steps.n_steps**2 * group.max()
        rows += _reversals(steps, i, j, known, group, min_violation)
    return _result(steps, rows, n_active, "rest-score", min_violation)


def pmatrix_check(
    responses: pd.DataFrame, *, min_violation: float = MIN_VIOLATION
) -> Nonintersection:
    """Check nonintersection by the matrices P(++) and P(--) (Mokken, 1971).

    Among those who pass a step of a third item, a step more popular overall should
    be passed at least as often as a less popular one of another item; among
    those who fail it, the more popular one should be failed no more often. Sizes are
    differences of joint proportions.

    Parameters
    ----------
    responses, min_violation
        As in `monotonicity`; persons with unanswered items are left out.
    """
    steps = as_steps(responses)
    rows, n_active = [], np.zeros(steps.n_items, int)
    passed = steps.passed.reshape(steps.n_persons, -1).astype(float)
    owner = np.repeat(np.arange(steps.n_items), steps.n_steps)
    for i, j in combinations(range(steps.n_items), 2):
        third = np.flatnonzero((owner != i) & (owner != j))
        n_active[[i, j]] += 2 * len(third) * steps.n_steps**2
        rows += _matrix_reversals(steps, i, j, passed[:, third], min_violation)
    return _result(steps, rows, n_active, "P-matrix", min_violation)


def _result(
    steps: Steps,
    rows: Sequence[Sequence[float]],
    n_active: np.ndarray,
    method: str,
    min_violation: float,
) -> Nonintersection:
    found = records(rows)
    labels = {name: steps.items.to_numpy()[found[name]] for name in ("item", "other")}
    return Nonintersection(
        table=summarise(steps.items, scalability(steps).h_item, n_active, found),
        violations=found.assign(**labels),
        method=method,
        min_violation=min_violation,
        n=steps.n_persons,
        notes=steps.notes,
    )


def _reversals(
    steps: Steps,
    i: int,
    j: int,
    known: np.ndarray,
    group: np.ndarray,
    min_violation: float,
) -> list[tuple[float, ...]]:
    n_groups, n_codes = group.max() + 1, steps.n_steps + 1
    x, y = steps.values[known, i], steps.values[known, j]
    cell = (group * n_codes + x) * n_codes + y
    table = np.bincount(cell, minlength=n_groups * n_codes**2)
    table = table.reshape(n_groups, n_codes, n_codes).astype(float)
    only_i, only_j = _discordant(table)
    size = np.bincount(group)[:, None]
    share_i = _from_top(table.sum(axis=2))[:, 1:, None] / size[:, None]
    share_j = _from_top(table.sum(axis=1))[:, None, 1:] / size[:, None]
    ahead = share_j - share_i
    return _record(steps, i, j, ahead, only_i, only_j, min_violation)


def _from_top(counts: np.ndarray) -> np.ndarray:
    """Return how many gave each answer or a higher one."""
    return np.flip(np.cumsum(np.flip(counts, axis=1), axis=1), axis=1)


def _discordant(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return persons who pass step s of i but not t of j, and the reverse.

    `table` is groups x answers to i x answers to j; the result groups x s x t.
    """
    only_i = np.cumsum(_from_top(table), axis=2)[:, 1:, :-1]
    i_failed = np.cumsum(table, axis=1)
    only_j = np.flip(np.cumsum(np.flip(i_failed, axis=2), axis=2), axis=2)[:, :-1, 1:]
    return only_i, only_j


def _record(
    steps: Steps,
    i: int,
    j: int,
    j_ahead: np.ndarray,
    only_i: np.ndarray,
    only_j: np.ndarray,
    min_violation: float,
) -> list[tuple[float, ...]]:
    """Return records where the step less popular overall is ahead in a group.

    `j_ahead` is the lead of item j's step over item i's, groups x s x t.
    """
    p_i, p_j = steps.popularity[i], steps.popularity[j]
    i_easier = p_i[:, None] > p_j[None, :]  # of two equals the later item's is easier
    lead = np.where(i_easier, j_ahead, -j_ahead)
    n_discordant = only_i + only_j
    z = _sign_test_z(n_discordant, np.minimum(only_i, only_j))
    rows: list[tuple[float, ...]] = []
    for g, s, t in np.argwhere(lead > min_violation):
        easy, hard = ((i, s), (j, t)) if i_easier[s, t] else ((j, t), (i, s))
        known = (easy[0], hard[0], easy[1] + 1, hard[1] + 1, g, lead[g, s, t])
        rows.append((*known, z[g, s, t], z[g, s, t] > SIGNIFICANT_Z))
    return rows


def _sign_test_z(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Return Molenaar's (1970) normal deviate of k or fewer out of n at one half."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = ((2 * k + 1 - n) ** 2 - 10 * n) / (12 * n)
        return np.sqrt(2 * n - 2 * k + shift) - np.sqrt(2 * k + 2 + shift)


def _matrix_reversals(
    steps: Steps, i: int, j: int, third: np.ndarray, min_violation: float
) -> list[tuple[float, ...]]:
    a = steps.passed[:, i].astype(float)  # persons x steps of i
    b = steps.passed[:, j].astype(float)
    shape = (third.shape[1], steps.n_steps, steps.n_steps)
    only_a = (a[:, :, None] * (1 - b)[:, None, :]).reshape(len(a), -1)
    only_b = ((1 - a)[:, :, None] * b[:, None, :]).reshape(len(a), -1)
    rows = []
    for side in (third, 1 - third):
        beside_a = (side.T @ only_a).reshape(shape)
        beside_b = (side.T @ only_b).reshape(shape)
        ahead = (beside_b - beside_a) / len(a)
        rows += _record(steps, i, j, ahead, beside_a, beside_b, min_violation)
    return rows
