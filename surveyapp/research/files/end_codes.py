"""A code at the end of the others that does not behave like an answer: 0 below 1 to 5.

It leaves no hole, so only the answers show it: who has it answers the other items of
the scale as people on the average do, not like somebody at the end.
"""

import numpy as np
import pandas as pd

MOST_PERSONS = 20_000  # are enough to tell
LEAST = 10  # answers with the code, before anything is said of it
MOST_BY_CHANCE = 4.0  # standard errors
RELATED = 0.2  # correlation of two items, for one to say anything of the other


def ends_out_of_order(codes, items):
    """(Code, code next to it, how often it stands) of each end that is out of order.

    Parameters
    ----------
    codes : DataFrame of float
        Persons x items; NaN where unanswered.
    items : sequence of str
        Items of one scale, which share their options.

    Returns
    -------
    list of (int, int, int)
        An end is out of order if people who have it lie further in on the mean of
        their other items than people who have the code next to it, by four standard
        errors over all items together.
    """
    values = codes[list(items)].to_numpy()[:MOST_PERSONS]
    used, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    if len(used) < 4 or values.shape[1] < 3:
        return []
    ends = [(used[0], used[1], counts[0], 1), (used[-1], used[-2], counts[-1], -1)]
    return [
        (int(end), int(inner), int(n))
        for end, inner, n, inwards in ends
        if n >= LEAST and inwards * _distance(values, end, inner) > MOST_BY_CHANCE
    ]


def _distance(values, end, inner):
    """How far people with `end` lie above those with `inner`, in standard errors.

    Items are pooled by the inverse of their variances. The others count as they go
    with an item, turned round where it is asked the other way.
    """
    without = np.where(values == end, np.nan, values)
    frame = pd.DataFrame(without)
    centred = (frame - frame.mean()).to_numpy()  # an item may have no answer at all
    related = frame.corr(min_periods=LEAST).to_numpy()
    apart = weights = 0.0
    for place, own in enumerate(values.T):
        signs = np.where(abs(related[place]) > RELATED, np.sign(related[place]), np.nan)
        signs[place] = np.nan
        others = centred * signs
        n_others = (~np.isnan(others)).sum(axis=1)
        rest = np.nansum(others, axis=1) / np.maximum(n_others, 1)
        at_end, at_inner = (
            rest[(own == code) & (n_others > 0)] for code in (end, inner)
        )
        if min(len(at_end), len(at_inner)) < 3:
            continue
        variance = at_end.var(ddof=1) / len(at_end) + at_inner.var(ddof=1) / len(
            at_inner
        )
        if variance > 0:
            apart += (at_end.mean() - at_inner.mean()) / variance
            weights += 1 / variance
    return apart / np.sqrt(weights) if weights else 0.0
