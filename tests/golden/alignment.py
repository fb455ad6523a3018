"""Puts our factors into a reference's order and signs before cells are compared."""

import numpy as np
from scipy.optimize import linear_sum_assignment


def aligned(ours, theirs, *others):
    """Return `ours` with columns matched to `theirs`, by congruence.

    Each of `others` is turned the same way: along its columns, and along its rows too
    where it is factors x factors.
    """
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    similarity = theirs.T @ ours
    _, order = linear_sum_assignment(-abs(similarity))
    signs = np.sign(similarity[np.arange(len(order)), order])
    turned = [ours[:, order] * signs]
    for other in map(np.asarray, others):
        other = other[..., order] * signs
        if other.shape == (len(order), len(order)):
            other = other[order] * signs[:, None]
        turned.append(other)
    return turned if others else turned[0]
