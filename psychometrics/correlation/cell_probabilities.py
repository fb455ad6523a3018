"""Probabilities of the cells of two ordinal items, and their derivatives.

Two standard normal variables are cut at thresholds (Olsson, 1979).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from .bivariate_normal import bivariate_cdf, log_rectangle, normal_density

FAR = 40.0  # stands for an infinite threshold, without infinity minus infinity
SMALL = 1e-8  # a cell below this has too few digits left by differences
LEAST = 1e-300  # what the smallest number is taken for


def cell_probabilities(
    cuts_first: np.ndarray, cuts_second: np.ndarray, rho: np.ndarray
) -> np.ndarray:
    """Return the probability of each cell, shape (n_pairs, rows, columns)."""
    cumulative = bivariate_cdf(*corner_grid(cuts_first, cuts_second), rho)
    return cells_between(cumulative, (ndtr(cuts_first), ndtr(cuts_second)))


def log_cells(
    tables: np.ndarray,
    probability: np.ndarray,
    cuts_first: np.ndarray,
    cuts_second: np.ndarray,
    rho: np.ndarray,
) -> np.ndarray:
    """Return the logarithm of each cell's probability, right where there are answers.

    A floor under probabilities is a floor under what an answer can cost: one that
    contradicts all others would hardly count, and the correlation be too high.

    Parameters
    ----------
    tables, probability : float arrays, shape (n_pairs, rows, columns)
        Counts, and what `cell_probabilities` gives.
    cuts_first, cuts_second : float arrays, shape (n_pairs, cuts)
    rho : float array, shape (n_pairs,)
    """
    found = np.log(probability)
    pair, row, column = np.nonzero((probability < SMALL) & (tables > 0))
    if len(pair):
        ends = [
            np.pad(cuts, ((0, 0), (1, 1)), constant_values=(-FAR, FAR))
            for cuts in (cuts_first, cuts_second)
        ]
        a, b = (
            (cuts[pair, at], cuts[pair, at + 1])
            for cuts, at in zip(ends, (row, column))
        )
        found[pair, row, column] = log_rectangle(a, b, rho[pair])
    return found


def exact_cells(
    tables: np.ndarray, probability: np.ndarray, *at: np.ndarray
) -> np.ndarray:
    """Return probabilities as `log_cells` has them, none below 1e-300."""
    if not ((probability < SMALL) & (tables > 0)).any():
        return probability
    return np.exp(np.maximum(log_cells(tables, probability, *at), np.log(LEAST)))


def score_parts(
    cuts_first: np.ndarray,
    cuts_second: np.ndarray,
    rho: np.ndarray,
    probability: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return cell probabilities and what their derivatives are made of.

    Parameters
    ----------
    cuts_first, cuts_second : float arrays, shape (n_pairs, cuts)
    rho : float array, shape (n_pairs,)
    probability : float array, shape (n_pairs, rows, columns), optional
        Of the cells, where it is known.

    Returns
    -------
    probability, by_rho : float arrays, shape (n_pairs, rows, columns)
        Each cell's probability and its derivative in rho.
    by_first : float array, shape (n_pairs, rows - 1, columns)
        How much of each column's probability crosses over from the row below the
        threshold to the one above it, as that threshold of the first item falls.
    by_second : float array, shape (n_pairs, columns - 1, rows)
        The same for thresholds of the second item.
    """
    spread = np.sqrt(1 - rho**2)[:, None, None]
    a, b, r = cuts_first[:, :, None], cuts_second[:, None, :], rho[:, None, None]
    given_first, given_second = (b - r * a) / spread, (a - r * b) / spread
    joint = normal_density(a) * normal_density(given_first) / spread
    if probability is None:
        probability = cell_probabilities(cuts_first, cuts_second, rho)
    return (
        probability,
        mixed_differences(bordered(joint)),
        normal_density(a) * _shares(given_first),
        normal_density(b).transpose(0, 2, 1) * _shares(given_second.transpose(0, 2, 1)),
    )


def density_slopes(
    cuts_first: np.ndarray, cuts_second: np.ndarray, rho: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how the derivatives of `score_parts` in rho change in turn.

    Returns
    -------
    by_rho : float array, shape (n_pairs, rows, columns)
        Second derivative of each cell's probability in rho.
    by_first, by_second : float arrays
        Shaped as in `score_parts`: the slope in rho of its strips.
    """
    a, b, r = cuts_first[:, :, None], cuts_second[:, None, :], rho[:, None, None]
    rest = 1 - r**2
    joint = normal_density(a) * normal_density((b - r * a) / np.sqrt(rest))
    joint = joint / np.sqrt(rest)
    by_rho = r / rest + ((1 + r**2) * a * b - r * (a**2 + b**2)) / rest**2
    of_first = bordered(-joint * (a - r * b) / rest)[:, 1:-1]
    of_second = bordered(-joint * (b - r * a) / rest)[:, :, 1:-1]
    return (
        mixed_differences(bordered(joint * by_rho)),
        np.diff(of_first, axis=2),
        np.diff(of_second, axis=1).transpose(0, 2, 1),
    )


def _shares(limits: np.ndarray) -> np.ndarray:
    """Return the probability between successive limits along the last axis.

    From the tail that has the more digits left.
    """
    ends = np.pad(limits, ((0, 0), (0, 0), (1, 1)), constant_values=(-np.inf, np.inf))
    below, above = ndtr(ends), ndtr(-ends)
    return np.where(
        ends[:, :, :-1] > 0, above[:, :, :-1] - above[:, :, 1:], np.diff(below, axis=2)
    )


def corner_grid(
    cuts_first: np.ndarray, cuts_second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.broadcast_arrays(cuts_first[:, :, None], cuts_second[:, None, :])
    return first, second


def cells_between(
    cumulative: np.ndarray, margins: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Cell probabilities from those below both cuts, and below each item's alone."""
    n_pairs, rows, columns = cumulative.shape
    below = np.zeros((n_pairs, rows + 2, columns + 2))
    below[:, 1:-1, 1:-1] = cumulative
    below[:, 1:-1, -1], below[:, -1, 1:-1] = margins
    below[:, -1, -1] = 1
    return np.maximum(mixed_differences(below), 1e-16)


def mixed_differences(corners: np.ndarray) -> np.ndarray:
    down = corners[:, 1:] - corners[:, :-1]
    return down[:, :, 1:] - down[:, :, :-1]


def bordered(inner: np.ndarray) -> np.ndarray:
    n_pairs, rows, columns = inner.shape
    full = np.zeros((n_pairs, rows + 2, columns + 2))
    full[:, 1:-1, 1:-1] = inner
    return full
