"""One item's answers counted in cells of like matching score and group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..annotations import Label
from ..errors import InvalidResponses


@dataclass(frozen=True, eq=False)
class Cells:
    """Counts (cells x categories) with each cell's matching score and group.

    `scores` holds what each category of the counts stands for, in the item's codes;
    joined categories stand for the mean of their answers.
    """

    counts: np.ndarray
    matching: np.ndarray
    group: np.ndarray
    scores: np.ndarray

    @property
    def n(self) -> float:
        return self.counts.sum()


def count_cells(
    answers: np.ndarray,
    matching: np.ndarray,
    codes: np.ndarray,
    *,
    item: str,
    min_cell: int = 5,
) -> Cells:
    """Count one item's answers; join categories that a group hardly uses.

    Parameters
    ----------
    answers : array, shape (n_persons,)
        Codes, NaN where unanswered.
    matching : array, shape (n_persons,)
        NaN where a person has none.
    codes : int array, shape (n_persons,)
        Group of each person.
    item : label
        For the message.
    min_cell : int
        Answers that each group must have in each category.
    """
    known = ~np.isnan(answers) & ~np.isnan(matching)
    category, shown = join_categories(answers[known], codes[known], min_cell, item)
    place = np.column_stack([matching[known], codes[known]])
    unique, where = np.unique(place, axis=0, return_inverse=True)
    flat = where.ravel() * len(shown) + category
    counts = np.bincount(flat, minlength=len(unique) * len(shown))
    return Cells(
        counts.reshape(len(unique), len(shown)).astype(float),
        unique[:, 0],
        unique[:, 1].astype(int),
        shown,
    )


def join_categories(
    answers: np.ndarray, codes: np.ndarray, min_cell: int, item: Label
) -> tuple[np.ndarray, np.ndarray]:
    """Return each answer's category, and the mean answer of each category."""
    values, category = np.unique(answers, return_inverse=True)
    bins = [[k] for k in range(len(values))]
    by_group = np.zeros((codes.max() + 1, len(values)))
    np.add.at(by_group, (codes, category), 1)
    while len(bins) > 1:
        fewest = [by_group[:, members].sum(axis=1).min() for members in bins]
        k = int(np.argmin(fewest))
        if fewest[k] >= min_cell:
            break
        sizes = [by_group[:, members].sum() for members in bins]
        beside = [b for b in (k - 1, k + 1) if 0 <= b < len(bins)]
        other = min(beside, key=lambda b: sizes[b])
        low, high = sorted((k, other))
        bins[low : high + 1] = [bins[low] + bins[high]]
    if len(bins) < 2:
        raise InvalidResponses(
            f"item {item} has no two categories with {min_cell} answers in each group; "
            "leave it out or join groups"
        )
    joined = np.empty(len(values), int)
    for new, members in enumerate(bins):
        joined[members] = new
    category = joined[category]
    total = np.bincount(category, answers)
    return category, total / np.bincount(category)
