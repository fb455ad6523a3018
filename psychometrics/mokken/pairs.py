"""Observed and largest possible covariances of item pairs, and persons' influence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from builtins import slice

    from .item_steps import Steps


@dataclass(frozen=True, eq=False)
class PairTables:
    """Sums over pairs of items start here; all are items x items, 0 on the diagonal.

    `noise` is the variance of the covariance were the items unrelated.
    """

    cov: np.ndarray
    cov_max: np.ndarray
    noise: np.ndarray

    def item_h(
        self, items: Sequence[int] | np.ndarray, chosen: Sequence[int] | np.ndarray
    ) -> np.ndarray:
        """Return H of each of `items` with the chosen ones."""
        pick = np.ix_(np.atleast_1d(items), np.asarray(chosen))
        return self.cov[pick].sum(axis=1) / self.cov_max[pick].sum(axis=1)

    def item_z(
        self, items: Sequence[int] | np.ndarray, chosen: Sequence[int] | np.ndarray
    ) -> np.ndarray:
        """Return Mokken's Z of each of `items` with the chosen ones."""
        pick = np.ix_(np.atleast_1d(items), np.asarray(chosen))
        return self.cov[pick].sum(axis=1) / np.sqrt(self.noise[pick].sum(axis=1))

    def scale_h(self, chosen: Sequence[int] | np.ndarray) -> float:
        pick = np.ix_(np.asarray(chosen), np.asarray(chosen))
        return float(self.cov[pick].sum() / self.cov_max[pick].sum())


def pair_tables(steps: Steps) -> PairTables:
    """Return the tables of all pairs, each over the persons who answered both."""
    tables = PairTables(*(np.zeros((steps.n_items,) * 2) for _ in range(3)))
    for i, j, _, pair in each_pair(steps):
        for name in ("cov", "cov_max", "noise"):
            table = getattr(tables, name)
            table[i, j] = table[j, i] = getattr(pair, name)
    return tables


def each_pair(steps: Steps) -> Iterator[tuple[int, int, slice | np.ndarray, Pair]]:
    """Yield i, j, who answered both (a mask, or everybody), and their `Pair`."""
    everybody = slice(None)
    for i, j in combinations(range(steps.n_items), 2):
        both: slice | np.ndarray = everybody
        if not steps.is_complete:
            both = (steps.values[:, i] >= 0) & (steps.values[:, j] >= 0)
        yield (
            i,
            j,
            both,
            Pair.of(steps.values[both, i], steps.values[both, j], steps.n_steps),
        )


@dataclass(frozen=True, eq=False)
class Pair:
    """Two items' answers, 0, 1, ..., of the persons who answered both."""

    x: np.ndarray
    y: np.ndarray
    p_x: np.ndarray  # proportion that passed each step
    p_y: np.ndarray
    cov: float

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, n_steps: int) -> Pair:
        p_x, p_y = _popularity(x, n_steps), _popularity(y, n_steps)
        return cls(x, y, p_x, p_y, x @ y / len(x) - p_x.sum() * p_y.sum())

    @property
    def cov_max(self) -> float:
        """Sum over pairs of steps of min(p_s, p_t) - p_s p_t (Molenaar, 1991)."""
        return np.minimum.outer(self.p_x, self.p_y).sum() - (
            self.p_x.sum() * self.p_y.sum()
        )

    @property
    def noise(self) -> float:
        """Variance of the covariance under independence (Mokken, 1971, chapter 4)."""
        return self.x.var() * self.y.var() / (len(self.x) - 1)

    def influences(self) -> tuple[np.ndarray, np.ndarray]:
        """Return how each person moves cov and cov_max, divided by their number.

        A person moves min(p_s, p_t) through the rarer of the two steps, and
        through both by halves where they are equally popular.
        """
        n, mean_x, mean_y = len(self.x), self.p_x.sum(), self.p_y.sum()
        gap = self.p_x[:, None] - self.p_y
        rarer = np.where(np.abs(gap) < 1e-12, 0.5, gap < 0)
        held_x = np.append(0, rarer.sum(axis=1).cumsum())
        held_y = np.append(0, (1 - rarer).sum(axis=0).cumsum())
        from_x, from_y = self.x - mean_x, self.y - mean_y
        lifted = held_x[self.x] + held_y[self.y]
        on_max = lifted - lifted.mean() - from_x * mean_y - from_y * mean_x
        return (from_x * from_y - self.cov) / n, on_max / n


def _popularity(answers: np.ndarray, n_steps: int) -> np.ndarray:
    from_top = np.bincount(answers, minlength=n_steps + 1)[::-1].cumsum()
    return from_top[::-1][1:] / len(answers)
