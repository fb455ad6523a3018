"""Thresholds under the number of their step, whichever options were used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd


def steps_in_use(codes: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the numbers of each item's steps, by the codes of it in use.

    Step k leads to the k-th category above the lowest that was offered, as far as the
    other items show it: an option that nobody chose leaves its number out.
    """
    ends = pd.DataFrame([(used[0], used[-1]) for used in codes])
    low, high = (ends[end].mode()[0] for end in ends)
    for used in map(np.asarray, codes):
        first = low if low <= used[0] and used[-1] <= high else used[0]
        yield (used[1:] - first).astype(int)


def by_step(
    values: np.ndarray, codes: Sequence[np.ndarray], items: pd.Index
) -> pd.DataFrame:
    """Return values of the steps between categories in use under their numbers.

    Parameters
    ----------
    values : array, shape (n_items, most steps in use)
        NaN beyond an item's last.
    codes : sequence of arrays
        The codes of each item in use, ascending.
    items : Index
        The label of each row.
    """
    steps = list(steps_in_use(codes))
    width = max([values.shape[1], *(int(own[-1]) for own in steps)])
    table = np.full((len(steps), width), np.nan)
    for row, own, value in zip(table, steps, values):
        row[own - 1] = value[: len(own)]
    return pd.DataFrame(table, items, range(1, width + 1))
