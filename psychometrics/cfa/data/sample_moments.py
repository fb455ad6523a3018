"""Sample moments for least squares, from ordinal codes or from numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import sha256
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import numpy as np

from ...correlation.asymptotic_covariance import influence
from ...correlation.two_step_polychoric import OrdinalPairs, fit_pairs
from ...errors import InvalidResponses
from .admissibility import SAME, refuse_strangers

if TYPE_CHECKING:
    from .clusters import Clusters


# Rival models and levels of invariance are fitted to the same answers: as long as one
# of the fits is kept, the others share its moments, 65 MB of 72 items.
IN_USE: WeakValueDictionary = WeakValueDictionary()


@dataclass(frozen=True, eq=False)
class Moments:
    """One group's sample moments: thresholds or nothing, then (co)variances.

    Attributes
    ----------
    n : int
    values, weights : arrays, shape (k,)
    gamma : array, shape (k, k)
        n times their asymptotic covariance, cluster-robust where asked.
    rows, cols : int arrays
        The items whose covariance each of the last moments is.
    corr : array, shape (p, p)
        The correlations (or covariances) as a square array.
    units : array, optional
        With clusters, rows whose cross-products are n gamma; they match over groups.
    cluster_df : float
        Of a variance that the clusters' sums estimate.
    """

    n: int
    values: np.ndarray
    weights: np.ndarray
    gamma: np.ndarray
    rows: np.ndarray
    cols: np.ndarray
    corr: np.ndarray
    units: np.ndarray | None = None
    cluster_df: float = np.inf

    @property
    def n_thresholds(self) -> int:
        return len(self.values) - len(self.rows)

    @property
    def correlations(self) -> Moments:
        """The moments of pairs alone."""
        # what keeps itself lives until garbage is collected: 52 MB of 72 items
        return self._after_thresholds if self.n_thresholds else self

    @cached_property
    def _after_thresholds(self) -> Moments:
        t = self.n_thresholds
        return replace(
            self,
            values=self.values[t:],
            weights=self.weights[t:],
            gamma=self.gamma[t:, t:],  # a view: it is by far the largest
            units=None if self.units is None else self.units[:, t:],
        )


def ordinal_moments(
    values: np.ndarray,
    items: Sequence[str],
    categories: Sequence[np.ndarray],
    *,
    weighted: bool,
    clusters: Clusters | None = None,
    start: int = 0,
) -> Moments:
    """Return thresholds and polychoric correlations of one group, with their spread.

    Parameters
    ----------
    values : array, persons x items
        Whole-number codes, NaN where unanswered (pairs use who answered both); or of
        an integer type, each of 0, 1, ... in use and nobody's answer missing.
    categories : list of arrays
        The codes of each item over all groups.
    weighted : bool
        Weights are one over each moment's variance; otherwise one.
    clusters : Clusters, optional
        With `start`, the place of this group's first person among all.

    Raises
    ------
    InvalidResponses
        A category that nobody of the group used.
    """
    key = None
    if clusters is None:
        key = _fingerprint(values, items, categories, weighted)
        known = IN_USE.get(key)
        if known is not None:
            return known
    codes, pairs = _pairs(values, items, categories)
    moved = influence(pairs, codes)
    found, units = _estimates(pairs), None
    if clusters is not None:
        without = partial(_of_some, codes, pairs.n_categories)
        units = clusters.units(moved, found, without, start)
    spread = moved if units is None else units
    gamma = spread.T @ spread / len(codes)
    weights = np.ones(len(gamma))
    if weighted:
        own = np.diag(gamma)
        if units is not None:
            own = np.einsum("ij,ij->j", moved, moved) / len(codes)
        weights = 1 / own
    moments = Moments(
        len(codes),
        found,
        weights,
        gamma,
        pairs.second,
        pairs.first,
        pairs.corr,
        units,
        clusters.t_df if clusters else np.inf,
    )
    if key is not None:
        IN_USE[key] = moments
    return moments


def _fingerprint(
    values: np.ndarray,
    items: Sequence[str],
    categories: Sequence[np.ndarray],
    weighted: bool,
) -> tuple:
    """What moments depend on; the answers by a hash that none shares by chance."""
    answers = sha256(np.ascontiguousarray(values).tobytes()).digest()
    known = tuple(tuple(used) for used in categories)
    return values.shape, answers, tuple(items), known, weighted


def correlation_moments(
    values: np.ndarray,
    items: Sequence[str],
    categories: Sequence[np.ndarray],
    *,
    weighted: bool,
    dtype: type = float,
) -> Moments:
    """Return polychoric correlations alone, as `ordinal_moments` has them.

    In single precision their covariances take half the time and have six digits.
    """
    codes, pairs = _pairs(values, items, categories)
    moved = influence(pairs, codes, thresholds=False, dtype=dtype)
    gamma = (moved.T @ moved).astype(float) / len(codes)
    weights = 1 / np.diag(gamma) if weighted else np.ones(len(gamma))
    return Moments(
        len(codes), pairs.rho, weights, gamma, pairs.second, pairs.first, pairs.corr
    )


def _pairs(
    values: np.ndarray, items: Sequence[str], categories: Sequence[np.ndarray]
) -> tuple[np.ndarray, OrdinalPairs]:
    codes = values  # where they are whole numbers: as drawn, complete and all in use
    if codes.dtype.kind != "i":
        refuse_strangers(values, items)
        codes = _codes(values, items, categories)
    pairs = fit_pairs(codes, np.array([len(used) for used in categories]))
    _check_limits(pairs, items)
    return codes, pairs


def _estimates(pairs: OrdinalPairs) -> np.ndarray:
    cuts = [row[: n - 1] for row, n in zip(pairs.cuts, pairs.n_categories)]
    return np.concatenate([*cuts, pairs.rho])


def _of_some(
    codes: np.ndarray, n_categories: np.ndarray, kept: np.ndarray
) -> np.ndarray:
    """Thresholds and correlations of the persons `kept`."""
    for own, n in zip(codes[kept].T, n_categories):
        if len(np.unique(own[own >= 0])) < n:
            raise InvalidResponses("one cluster alone used a category")
    some = fit_pairs(codes[kept], n_categories)
    if (abs(some.rho) > SAME).any():
        raise InvalidResponses("without one cluster a correlation is at its limit")
    return _estimates(some)


def _codes(
    values: np.ndarray, items: Sequence[str], categories: Sequence[np.ndarray]
) -> np.ndarray:
    codes = np.full(values.shape, -1, dtype=np.int16)
    answered = ~np.isnan(values)
    for j, used in enumerate(categories):
        seen = slice(None) if answered[:, j].all() else answered[:, j]
        if used[-1] - used[0] == len(used) - 1:  # no hole: no search
            codes[seen, j] = values[seen, j] - used[0]
        else:
            codes[seen, j] = np.searchsorted(used, values[seen, j])
        empty = np.flatnonzero(np.bincount(codes[seen, j], minlength=len(used)) == 0)
        if len(empty):
            raise InvalidResponses(
                f"item {items[j]}: nobody in one group used category "
                f"{used[empty[0]]}; join it with its neighbour in all groups"
            )
    return codes


def _check_limits(pairs: OrdinalPairs, items: Sequence[str]) -> None:
    extreme = abs(pairs.rho) > SAME
    if extreme.any():
        k = int(extreme.argmax())
        raise InvalidResponses(
            f"items {items[pairs.first[k]]} and {items[pairs.second[k]]}: empty cells "
            "send their correlation to its limit; join categories or leave one out"
        )


def continuous_moments(
    values: np.ndarray, *, clusters: Clusters | None = None, start: int = 0
) -> Moments:
    """Return covariances (divisor n - 1) with weights of unweighted least squares.

    Their spread is the distribution-free one (Browne, 1984).
    """
    n, p = values.shape
    d = values - values.mean(axis=0)
    cov = d.T @ d / (n - 1)
    cols, rows = np.triu_indices(p)
    products = d[:, rows] * d[:, cols] - (d.T @ d / n)[rows, cols]
    found, units = cov[rows, cols], None
    if clusters is not None:
        units = clusters.units(products, found, partial(_covariances, values), start)
    spread = products if units is None else units
    gamma = spread.T @ spread / n
    df = clusters.t_df if clusters else np.inf
    return Moments(n, found, np.ones(len(rows)), gamma, rows, cols, cov, units, df)


def _covariances(values: np.ndarray, kept: np.ndarray) -> np.ndarray:
    cols, rows = np.triu_indices(values.shape[1])
    return np.cov(values[kept].T)[rows, cols]
