"""Codes apart from the run of codes that most answers have: 9 beside 1 to 5."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

MOST_CODES = 30  # a table with more is one of measurements, not of categories


def codes_apart(
    values: np.ndarray, items: pd.Index
) -> Iterator[tuple[int, list[str], int, int]]:
    """Yield (code, its items, lowest, highest of the run), the lowest code first.

    The items are looked at together, so an option that nobody chose in one of them
    is no hole. The run is that of consecutive codes with most answers; it has to hold
    two codes, most of all answers, and most of the item's. Tables with fractions or
    with many codes are measurements and have none apart.

    Parameters
    ----------
    values : array, shape (n_persons, n_items)
        NaN where unanswered.
    items : Index
    """
    answers = values[~np.isnan(values)]
    if not len(answers) or (answers != np.round(answers)).any():
        return
    used, counts = np.unique(answers, return_counts=True)
    if len(used) > MOST_CODES:
        return
    runs = np.split(np.arange(len(used)), np.flatnonzero(np.diff(used) > 1) + 1)
    run = max(runs, key=lambda run: counts[run].sum())
    if len(runs) < 2 or len(run) < 2 or 2 * counts[run].sum() <= counts.sum():
        return
    low, high = int(used[run[0]]), int(used[run[-1]])
    within = ((values >= low) & (values <= high)).sum(axis=0)
    shares_run = 2 * within > (~np.isnan(values)).sum(axis=0)
    for place in np.delete(np.arange(len(used)), run):
        having = (values == used[place]).any(axis=0) & shares_run
        if having.any():
            yield int(used[place]), list(items[having]), low, high
