"""Sample moments for least squares, from ordinal codes or from numbers."""

import numpy as np

from ..errors import InvalidResponses
from ..ordinal_influence import influence
from ..ordinal_pairs import fit_pairs
from .least_squares import Moments


def ordinal_moments(values, items, categories, *, weighted, clusters=None, start=0):
    """Return thresholds and polychoric correlations of one group, with their spread.

    Parameters
    ----------
    values : array, persons x items
        Whole-number codes, NaN where unanswered (pairs use who answered both).
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
    codes = _codes(values, items, categories)
    pairs = fit_pairs(codes, np.array([len(used) for used in categories]))
    _check_limits(pairs, items)
    moved = influence(pairs, codes)
    units = moved if clusters is None else clusters.sums(moved, start)
    gamma = units.T @ units / len(codes)
    cuts = [row[: n - 1] for row, n in zip(pairs.cuts, pairs.n_categories)]
    weights = np.ones(len(gamma))
    if weighted:
        weights = 1 / np.einsum("ij,ij->j", moved, moved) * len(codes)
    return Moments(
        len(codes),
        np.concatenate([*cuts, pairs.rho]),
        weights,
        gamma,
        pairs.second,
        pairs.first,
        pairs.corr,
    )


def _codes(values, items, categories):
    codes = np.full(values.shape, -1, dtype=np.int16)
    for j, used in enumerate(categories):
        seen = ~np.isnan(values[:, j])
        codes[seen, j] = np.searchsorted(used, values[seen, j])
        empty = np.setdiff1d(np.arange(len(used)), codes[seen, j])
        if len(empty):
            raise InvalidResponses(
                f"item {items[j]}: nobody in one group used category "
                f"{used[empty[0]]}; join it with its neighbour in all groups"
            )
    return codes


def _check_limits(pairs, items):
    together = pairs.tables.sum(axis=(1, 2))
    if together.min() < 3:
        k = int(together.argmin())
        raise InvalidResponses(
            f"items {items[pairs.first[k]]} and {items[pairs.second[k]]} were answered "
            f"together by {int(together[k])} person(s) of a group; leave one out"
        )
    extreme = abs(pairs.rho) > 0.99999
    if extreme.any():
        k = int(extreme.argmax())
        raise InvalidResponses(
            f"items {items[pairs.first[k]]} and {items[pairs.second[k]]}: empty cells "
            "send their correlation to its limit; join categories or leave one out"
        )


def continuous_moments(values, *, clusters=None, start=0):
    """Return covariances (divisor n - 1) with weights of unweighted least squares.

    Their spread is the distribution-free one (Browne, 1984).
    """
    n, p = values.shape
    d = values - values.mean(axis=0)
    cov = d.T @ d / (n - 1)
    cols, rows = np.triu_indices(p)
    products = d[:, rows] * d[:, cols] - (d.T @ d / n)[rows, cols]
    units = products if clusters is None else clusters.sums(products, start)
    weights = np.ones(len(rows))
    return Moments(n, cov[rows, cols], weights, units.T @ units / n, rows, cols, cov)
