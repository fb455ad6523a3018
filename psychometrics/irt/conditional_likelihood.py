"""The likelihood of answers given the sum score, where theta has dropped out.

With slopes of one, P(answers | sum score) is free of theta (Rasch, 1960; Andersen,
1973). Elementary symmetric functions are written as distributions of the sum score at
theta = 0, which cannot overflow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .models import category_probabilities

if TYPE_CHECKING:
    from .patterns import Patterns


@dataclass(frozen=True, eq=False)
class AnsweredSet:
    """Persons who answered the same items.

    Attributes
    ----------
    items : int array
        Positions of the items that they answered.
    chosen : array, shape (n_items, K)
        How many chose each category.
    scores : array
        How many had each sum score, from 0.
    """

    items: np.ndarray
    chosen: np.ndarray
    scores: np.ndarray


def answered_sets(patterns: Patterns) -> list[AnsweredSet]:
    """Group patterns by the items that were answered; extreme scores say nothing."""
    seen = patterns.codes >= 0
    kinds, member = np.unique(seen, axis=0, return_inverse=True)
    found = []
    for number, kind in enumerate(kinds):
        rows = member.ravel() == number
        items = np.flatnonzero(kind)
        if len(items) < 2:
            continue
        top = int((patterns.n_categories[items] - 1).sum())
        codes, counts = patterns.codes[rows][:, items], patterns.counts[rows]
        sums = codes.sum(axis=1)
        inside = (sums > 0) & (sums < top)
        codes, counts, sums = codes[inside], counts[inside], sums[inside]
        chosen = np.zeros((len(items), patterns.shape[1]))
        for j in range(len(items)):
            np.add.at(chosen[j], codes[:, j], counts)
        scores = np.bincount(sums, counts, top + 1)
        found.append(AnsweredSet(items, chosen, scores))
    return found


def conditional_likelihood(
    answered: AnsweredSet, n_categories: np.ndarray, intercepts: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the log-likelihood, its gradient and its information.

    Parameters
    ----------
    answered : AnsweredSet
    n_categories : int array, shape (J,)
    intercepts : array, shape (J, M)
        Of divide-by-total items with slopes of one.

    Returns
    -------
    value, gradient (n_items, M), information (n_items * M square), over the items of
    the set.
    """
    slopes = np.ones(len(intercepts))
    p = category_probabilities("pcm", [0.0], slopes, intercepts)[:, :, 0]
    own = [p[j, :n] for j, n in zip(answered.items, n_categories[answered.items])]
    without = leave_one_out(own)
    whole = np.convolve(own[0], without[0])
    seen = answered.scores > 0
    rate = np.where(seen, answered.scores, 0.0) / np.where(seen, whole, 1.0)
    inside = answered.chosen > 0
    log_p = np.log(np.where(inside, p[answered.items], 1.0))
    value = (answered.chosen * log_p).sum()
    value -= answered.scores[seen] @ np.log(whole[seen])
    n_items, width = answered.chosen.shape
    expected = np.zeros((n_items, width))
    for j, (mine, rest) in enumerate(zip(own, without)):
        expected[j, : len(mine)] = mine * np.correlate(rate, rest, "valid")
    information = _information(own, without, rate, expected, answered.scores, width)
    return value, (answered.chosen - expected)[:, 1:], information


def leave_one_out(distributions: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the distribution of the sum without each of its terms in turn."""
    n = len(distributions)
    before, after = [np.ones(1)], [np.ones(1)]
    for j in range(n - 1):
        before.append(np.convolve(before[-1], distributions[j]))
        after.append(np.convolve(after[-1], distributions[n - 1 - j]))
    return [np.convolve(before[j], after[n - 1 - j]) for j in range(n)]


def _information(
    own: Sequence[np.ndarray],
    without: Sequence[np.ndarray],
    rate: np.ndarray,
    expected: np.ndarray,
    scores: np.ndarray,
    width: int,
) -> np.ndarray:
    """Covariance of the category counts given the sum scores, summed over persons."""
    n_items, steps = len(own), width - 1
    joint = np.zeros((n_items, steps, n_items, steps))
    mean = np.zeros((n_items, steps, len(scores)))
    for i in range(n_items):
        joint[i, :, i] = np.diag(expected[i, 1:])
        for k in range(1, len(own[i])):
            part = without[i][: len(scores) - k]
            mean[i, k - 1, k : k + len(part)] = own[i][k] * part
        others = [j for j in range(n_items) if j != i]
        for j, rest in zip(others, leave_one_out([own[j] for j in others])):
            if j > i:
                at = np.correlate(rate, rest, "valid")
                sums = np.add.outer(np.arange(len(own[i])), np.arange(len(own[j])))
                both = np.outer(own[i], own[j]) * at[sums]
                a, b = len(own[i]) - 1, len(own[j]) - 1
                joint[i, :a, j, :b] = both[1:, 1:]
                joint[j, :b, i, :a] = both[1:, 1:].T
    flat = mean.reshape(n_items * steps, -1)
    share = rate**2 / np.where(scores > 0, scores, 1.0)
    return joint.reshape(n_items * steps, -1) - (flat * share) @ flat.T
