"""Two-step maximum likelihood for every pair of ordinal items at once.

Step one takes thresholds from the items' own margins, step two the correlation of
each pair given those (Olsson, 1979). Pairs are ordered as the lower triangle of
the matrix read column by column: (2,1), (3,1), ..., (p,1), (3,2), ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from .bivariate_normal import PointsAtAngle, normal_density
from .cell_probabilities import (
    FAR,
    LEAST,
    SMALL,
    bordered,
    cell_probabilities,
    cells_between,
    corner_grid,
    exact_cells,
    log_cells,
    mixed_differences,
)

LARGEST_CORRELATION = 1 - 1e-6
_BLOCK = 400  # pairs worked on together, so that their arrays stay in the cache


@dataclass(frozen=True, eq=False)
class OrdinalPairs:
    """Thresholds and correlations of all pairs, and what their errors follow from.

    Attributes
    ----------
    n_persons : int
    n_categories : int array, shape (n_items,)
    first, second : int arrays, shape (n_pairs,)
        The items of each pair, in the order that the module describes.
    cuts_first, cuts_second : float arrays, shape (n_pairs, most categories - 1)
        Thresholds used for each pair; 40 stands for those that an item has not.
    rho : float array, shape (n_pairs,)
    tables : float array, shape (n_pairs, most categories, most categories)
        Counts, the first item down the rows, after any correction.
    cells : float array, shape (n_pairs, most categories, most categories)
        The probability of each cell under the correlation.
    margins : float array, shape (n_items, most categories)
        Counts of all answers to each item.
    own_thresholds : bool
        Whether thresholds come from each pair's own persons.
    """

    n_persons: int
    n_categories: np.ndarray
    first: np.ndarray
    second: np.ndarray
    cuts_first: np.ndarray
    cuts_second: np.ndarray
    rho: np.ndarray
    tables: np.ndarray
    cells: np.ndarray
    margins: np.ndarray
    own_thresholds: bool = False

    @property
    def n_items(self) -> int:
        return len(self.n_categories)

    @property
    def cuts(self) -> np.ndarray:
        """Thresholds of each item over all who answered it; 40 where it has none."""
        return thresholds_of(self.margins, self.n_categories)

    @property
    def corr(self) -> np.ndarray:
        """The correlations as a square array with a unit diagonal."""
        square = np.eye(self.n_items)
        square[self.first, self.second] = square[self.second, self.first] = self.rho
        return square


def pair_tables(
    codes: np.ndarray, n_categories: int, *, rows: int = 8192
) -> np.ndarray:
    """Count the answers of every two items, for all items together.

    Parameters
    ----------
    codes : int array, shape (n_persons, n_items)
        Categories 0, 1, ...; -1 where unanswered.
    n_categories : int
        The most categories that any item has.
    rows : int
        Persons taken at a time, which bounds the memory.

    Returns
    -------
    float array, shape (n_items, n_categories, n_items, n_categories)
    """
    n_persons, n_items = codes.shape
    width = n_items * n_categories
    counts = np.zeros((width, width))
    categories = np.arange(n_categories, dtype=codes.dtype)[:, None]
    for start in range(0, n_persons, rows):
        part = np.ascontiguousarray(codes[start : start + rows].T)
        chosen = (part[:, None] == categories).reshape(width, -1)
        chosen = chosen.astype(np.float32)  # whole numbers below 2**24 are exact
        counts += chosen @ chosen.T
    return counts.reshape(n_items, n_categories, n_items, n_categories)


def thresholds_of(
    margins: np.ndarray, n_categories: np.ndarray, total: np.ndarray | None = None
) -> np.ndarray:
    """Return normal quantiles of the cumulative shares of each row of counts.

    Parameters
    ----------
    margins : float array, shape (n, most categories)
    n_categories : int array, shape (n,)
    total : float array, shape (n,), optional
        What the shares are of; without it, the sum of the row.

    Returns
    -------
    float array, shape (n, most categories - 1)
        Increasing, on the standard normal metric; 40 beyond an item's last.
    """
    total = margins.sum(axis=1) if total is None else total
    shares = margins.cumsum(axis=1)[:, :-1] / total[:, None]
    cuts = np.clip(ndtri(np.minimum(shares, 1.0)), -FAR, FAR)
    absent = np.arange(margins.shape[1] - 1) >= n_categories[:, None] - 1
    return np.where(absent, FAR, cuts)


def fit_pairs(
    codes: np.ndarray,
    n_categories: Sequence[int] | np.ndarray,
    *,
    correction: float = 0.0,
    own_thresholds: bool = False,
) -> OrdinalPairs:
    """Estimate thresholds and all polychoric correlations (Olsson, 1979, two-step).

    Parameters
    ----------
    codes : int array, shape (n_persons, n_items)
        Categories 0, 1, ..., each in use; -1 where unanswered. Pairs use the
        persons who answered both.
    n_categories : int array, shape (n_items,)
    correction : float
        Count put into each empty cell of a pair's table.
    own_thresholds : bool
        Take thresholds from each pair's persons, not from all who answered.

    Returns
    -------
    OrdinalPairs
    """
    n_categories = np.asarray(n_categories)
    counts = pair_tables(codes, int(n_categories.max()))
    first, second = np.triu_indices(len(n_categories), 1)
    margins = np.einsum("ikik->ik", counts)
    tables = counts.transpose(0, 2, 1, 3)[first, second]
    if correction:
        tables = _corrected(
            tables, n_categories[first], n_categories[second], correction
        )
    if own_thresholds:
        # psych divides corrected counts by the uncorrected total; so do we.
        total = counts.sum(axis=(1, 3))[first, second]
        cuts_first = thresholds_of(tables.sum(axis=2), n_categories[first], total)
        cuts_second = thresholds_of(tables.sum(axis=1), n_categories[second], total)
    else:
        cuts = thresholds_of(margins, n_categories)
        cuts_first, cuts_second = cuts[first], cuts[second]
    rho, cells = _in_blocks(_maximise, len(first), tables, cuts_first, cuts_second)
    rho, cells = _to_the_limit(rho, cells, tables, cuts_first, cuts_second)
    cells = exact_cells(tables, cells, cuts_first, cuts_second, rho)
    return OrdinalPairs(
        len(codes),
        n_categories,
        first,
        second,
        cuts_first,
        cuts_second,
        rho,
        tables,
        cells,
        margins,
        own_thresholds,
    )


def _corrected(
    tables: np.ndarray, n_first: np.ndarray, n_second: np.ndarray, correction: float
) -> np.ndarray:
    categories = np.arange(tables.shape[1])
    real = (categories < n_first[:, None])[:, :, None]
    real = real & (categories < n_second[:, None])[:, None, :]
    return np.where(real & (tables == 0), correction, tables)


def _in_blocks(
    function: Callable, n_pairs: int, *arrays: np.ndarray
) -> tuple[np.ndarray, ...]:
    parts = [
        function(*(array[start : start + _BLOCK] for array in arrays))
        for start in range(0, n_pairs, _BLOCK)
    ]
    return tuple(np.concatenate(part) for part in zip(*parts))


def _maximise(
    tables: np.ndarray,
    cuts_first: np.ndarray,
    cuts_second: np.ndarray,
    max_iter: int = 80,
) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method on the angle of each pair, kept inside a shrinking bracket.

    Returns correlations and the probabilities of the cells there.
    """
    angle = np.arcsin(_moment_start(tables, cuts_first, cuts_second))
    points = PointsAtAngle.at(*corner_grid(cuts_first, cuts_second), angle)
    margins = ndtr(cuts_first), ndtr(cuts_second)
    cells = np.empty(tables.shape)
    limit = np.arcsin(LARGEST_CORRELATION)
    low, high = np.full(len(angle), -limit), np.full(len(angle), limit)
    active = np.arange(len(angle))
    for _ in range(max_iter):
        here = angle[active]
        slope, curve = _derivatives(tables, points, margins)
        low[active] = np.where(slope > 0, here, low[active])
        high[active] = np.where(slope > 0, high[active], here)
        there = here + slope / curve
        outside = (there <= low[active]) | (there >= high[active])
        there = np.where(outside, (low[active] + high[active]) / 2, there)
        angle[active] = there
        points = points.moved(there)
        # Newton squares its error: a step of 3e-6 leaves less than 1e-10.
        kept = np.abs(there - here) > 3e-6
        if not kept.all():
            ended = tuple(one[~kept] for one in margins)
            cells[active[~kept]] = cells_between(points.cumulative[~kept], ended)
            active, points = active[kept], points.some(kept)
            tables, margins = tables[kept], tuple(one[kept] for one in margins)
        if not len(active):
            break
    cells[active] = cells_between(points.cumulative, margins)
    return np.sin(angle), cells


def _to_the_limit(
    rho: np.ndarray,
    cells: np.ndarray,
    tables: np.ndarray,
    cuts_first: np.ndarray,
    cuts_second: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Move a high correlation to its limit where that is no less likely.

    With some empty cells the likelihood rises all the way, but so slowly at last
    that a search stops anywhere.
    """
    steep = np.flatnonzero(np.abs(rho) > 0.9)
    if not len(steep):
        return rho, cells
    limit = np.sign(rho[steep]) * LARGEST_CORRELATION
    own = tables[steep], cuts_first[steep], cuts_second[steep]
    there = cell_probabilities(*own[1:], limit)
    gain = own[0] * (
        log_cells(own[0], there, *own[1:], limit)
        - log_cells(own[0], cells[steep], *own[1:], rho[steep])
    )
    moved = gain.sum(axis=(1, 2)) > -1e-7
    rho[steep[moved]], cells[steep[moved]] = limit[moved], there[moved]
    return rho, cells


def _derivatives(
    tables: np.ndarray, points: PointsAtAngle, margins: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the slope of the log likelihood in the angle, and its curvature.

    The curvature is the negative second derivative, or where that is not positive
    the sum of squared scores.
    """
    probability, is_lost = cells_between(points.cumulative, margins), None
    if ((probability < SMALL) & (tables > 0)).any():
        probability, is_lost = _small_cells(tables, probability, points)
    weight = tables / probability
    score = mixed_differences(bordered(points.first))
    scored = weight * score
    slope = scored.sum(axis=(1, 2))
    scored *= score
    scored /= probability
    squares = scored.sum(axis=(1, 2))
    weight *= mixed_differences(bordered(points.second))
    curve = squares - weight.sum(axis=(1, 2))
    curve = np.where(curve > 0, curve, np.maximum(squares, 1e-12))
    if is_lost is not None and is_lost.any():
        # so unlikely an answer that no number holds it: halve the way back
        slope = np.where(is_lost, -np.sign(points.angle) * np.inf, slope)
        curve = np.where(is_lost, 1.0, curve)
    return slope, curve


def _small_cells(
    tables: np.ndarray, probability: np.ndarray, points: PointsAtAngle
) -> tuple[np.ndarray, np.ndarray]:
    """Cells as `exact_cells` has them, and which pairs have one below 1e-300."""
    at = points.a[:, :, 0], points.b[:, 0, :], np.sin(points.angle)
    found = log_cells(tables, probability, *at)
    is_lost = ((found < np.log(LEAST)) & (tables > 0)).any(axis=(1, 2))
    return np.exp(np.maximum(found, np.log(LEAST))), is_lost


def _moment_start(
    tables: np.ndarray, cuts_first: np.ndarray, cuts_second: np.ndarray
) -> np.ndarray:
    """Solve the first terms of the tetrachoric series for the codes' covariance."""
    total = tables.sum(axis=(1, 2))
    scores = np.arange(tables.shape[1])
    mean_first = tables.sum(axis=2) @ scores / total
    mean_second = tables.sum(axis=1) @ scores / total
    covariance = tables @ scores @ scores / total - mean_first * mean_second
    terms = [x * y for x, y in zip(_series(cuts_first), _series(cuts_second))]
    rho = np.clip(covariance / terms[0], -0.9, 0.9)
    for _ in range(3):
        value = rho * (terms[0] + rho * (terms[1] + rho * terms[2])) - covariance
        slope = terms[0] + rho * (2 * terms[1] + 3 * rho * terms[2])
        rho = np.clip(rho - value / np.where(slope > 0, slope, np.inf), -0.9, 0.9)
    return rho


def _series(cuts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    density = normal_density(cuts)
    return (
        density.sum(axis=1),
        (density * cuts).sum(axis=1) / np.sqrt(2),
        (density * (cuts * cuts - 1)).sum(axis=1) / np.sqrt(6),
    )
