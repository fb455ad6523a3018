"""Samples drawn from samples: what is done where one lacks a category or a pair.

One rule everywhere. A category that a sample lacks is closed up: its neighbours
become neighbours. A sample that cannot be used at all, as where an item does not
vary in it, is drawn again, and the result says how many were.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .errors import NotIdentified

MOST_TRIES = 200  # an item that one of 20 resamples holds still succeeds


def consecutive(codes: np.ndarray) -> np.ndarray:
    """Close gaps that a drawn data set leaves among an item's categories.

    Parameters
    ----------
    codes : int array, shape (n_persons, n_items)
        From 0; -1 where unanswered.
    """
    closed = codes.copy()
    width = int(codes.max(initial=0)) + 2  # one place for the unanswered
    cells = codes + 1 + width * np.arange(codes.shape[1])
    counts = np.bincount(cells.ravel(), minlength=width * codes.shape[1])
    in_use = counts.reshape(-1, width)[:, 1:] > 0
    for j in np.flatnonzero(np.diff(in_use.astype(int), axis=1).max(axis=1) > 0):
        seen = codes[:, j] >= 0
        closed[seen, j] = np.searchsorted(np.flatnonzero(in_use[j]), codes[seen, j])
    return closed


def drawn_until(draw: Callable, is_usable: Callable) -> tuple[np.ndarray, int]:
    """Return the first of `draw()` that is usable, and how many were not.

    Raises
    ------
    NotIdentified
        Not one of 200 was usable.
    """
    for tries in range(MOST_TRIES):
        drawn = draw()
        if is_usable(drawn):
            return drawn, tries
    raise NotIdentified(
        f"not one of {MOST_TRIES} samples drawn could be used: an item hardly varies, "
        "or two items were hardly ever answered together; leave it out"
    )


def usable_rows(rng: np.random.Generator, values: np.ndarray) -> tuple[np.ndarray, int]:
    """Resample persons until every pair of items can be correlated.

    Parameters
    ----------
    rng : Generator
    values : array, shape (n_persons, n_items)
        NaN, or below zero in integer codes, where unanswered.

    Returns
    -------
    rows : int array, shape (n_persons,)
    n_redrawn : int
    """
    n = len(values)
    return drawn_until(
        lambda: rng.integers(0, n, n), lambda rows: pairs_vary(values[rows])
    )


def cells_of(values: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """Number each group's use of each category of each item; -1 where unanswered.

    Parameters
    ----------
    values : float array, shape (n_persons, n_items)
    groups : int array, shape (n_persons,), optional
    """
    groups = np.zeros(len(values), int) if groups is None else groups
    cells = np.full(values.shape, -1)
    first = 0
    for j, column in enumerate(values.T):
        seen = ~np.isnan(column)
        pairs = np.column_stack([groups[seen], column[seen]])
        different, which = np.unique(pairs, axis=0, return_inverse=True)
        cells[seen, j] = first + which.ravel()
        first += len(different)
    return cells


def keeps_cells(cells: np.ndarray, rows: np.ndarray) -> bool:
    """Say whether the rows drawn have every cell that all rows have."""
    drawn = np.unique(cells[rows])
    return len(drawn[drawn >= 0]) == cells.max() + 1


def pairs_vary(values: np.ndarray) -> bool:
    """Say whether each item varies among those who answered any one other item."""
    if np.issubdtype(values.dtype, np.integer):
        seen = values >= 0
    else:
        seen = ~np.isnan(values)
    whole = values[seen.all(axis=1)]
    if len(whole) and (whole != whole[0]).any(axis=0).all():
        return True
    if len(whole) == len(values):
        return False
    return _surely_vary(values, seen) or _vary_by_range(values, seen)


def _surely_vary(values: np.ndarray, seen: np.ndarray) -> bool:
    """Whether each pair's variance is clear of what rounding leaves of nought."""
    answered = seen.astype(float)
    filled = np.where(seen, values, 0.0)
    n, total = answered.T @ answered, filled.T @ answered
    squares = (filled**2).T @ answered
    return bool((n * squares - total**2 > 1e-9 * n * squares).all())


def _vary_by_range(values: np.ndarray, seen: np.ndarray) -> bool:
    for j in range(values.shape[1]):
        rows = seen[seen[:, j]]
        answers = values[seen[:, j], j]
        if not len(rows):
            return False
        lowest = np.where(rows, answers[:, None], np.inf).min(axis=0)
        highest = np.where(rows, answers[:, None], -np.inf).max(axis=0)
        if not (lowest < highest).all():
            return False
    return True


def redrawn_note(n_redrawn: int, n_replications: int) -> str:
    """Say what share of the samples was drawn again, and why."""
    share = n_redrawn / (n_redrawn + n_replications)
    return (
        f"{n_redrawn} of {n_redrawn + n_replications} samples ({share:.1%}) were drawn "
        "again, as they lacked a category or an item did not vary: rare answers."
    )
