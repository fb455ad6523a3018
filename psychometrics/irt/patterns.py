"""Unique response patterns with their counts: all that estimation needs of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Label
from ..errors import InvalidResponses

if TYPE_CHECKING:
    from ..responses import Responses


@dataclass(frozen=True, eq=False, kw_only=True)
class Patterns:
    """What was answered, each different pattern once.

    Attributes
    ----------
    codes : int array, shape (n_patterns, n_items)
        Categories from 0 in each item's own order; -1 where unanswered.
    counts : float array, shape (n_patterns,)
        How many persons gave the pattern.
    rows : int array, shape (n_persons,)
        The pattern of each person, in the order of `persons`.
    items, persons : Index
    categories : tuple of int arrays
        The codes in the data that each item's categories 0, 1, ... stand for.
    groups : tuple
        Labels of the groups; one unnamed group if there are none.
    group : int array, shape (n_patterns,)
        The group of each pattern, as a position in `groups`.
    """

    codes: np.ndarray
    counts: np.ndarray
    rows: np.ndarray
    items: pd.Index
    persons: pd.Index
    categories: tuple
    groups: tuple
    group: np.ndarray

    @property
    def n_persons(self) -> int:
        return len(self.rows)

    @cached_property
    def n_categories(self) -> np.ndarray:
        """Number of categories of each item: int array, shape (n_items,)."""
        return np.array([len(used) for used in self.categories])

    @cached_property
    def shape(self) -> tuple[int, int]:
        """(n_items, largest number of categories)."""
        return len(self.items), int(self.n_categories.max())

    @cached_property
    def indicators(self) -> np.ndarray:
        """One column for each category of each item: 1 where chosen, else 0.

        Shape (n_patterns, n_items * K); a row of an unanswered item is zero.
        """
        n_items, k = self.shape
        answered = np.nonzero(self.codes >= 0)
        cells = np.zeros((len(self.codes), n_items * k))
        cells[answered[0], answered[1] * k + self.codes[answered]] = 1.0
        return cells

    @cached_property
    def proportions(self) -> np.ndarray:
        """Share of each category among those who answered: shape (n_items, K)."""
        chosen = (self.counts @ self.indicators).reshape(self.shape)
        return chosen / chosen.sum(axis=1, keepdims=True)

    @cached_property
    def sum_scores(self) -> np.ndarray:
        """Sum of the answered categories of each pattern."""
        return np.where(self.codes < 0, 0, self.codes).sum(axis=1, dtype=int)

    @cached_property
    def is_complete(self) -> np.ndarray:
        """For each pattern: whether every item was answered."""
        return (self.codes >= 0).all(axis=1)

    def select(self, kept: np.ndarray) -> Patterns:
        """Return the patterns where `kept` is True, with the persons who gave them."""
        position = np.cumsum(kept) - 1
        persons = kept[self.rows]
        return Patterns(
            codes=self.codes[kept],
            counts=self.counts[kept],
            rows=position[self.rows[persons]],
            items=self.items,
            persons=self.persons[persons],
            categories=self.categories,
            groups=self.groups,
            group=self.group[kept],
        )

    def answers(self) -> pd.DataFrame:
        """Return persons x items as categories from 0, NaN where unanswered."""
        codes = self.codes[self.rows].astype(float)
        codes[codes < 0] = np.nan
        return pd.DataFrame(codes, index=self.persons, columns=self.items)


def find_patterns(
    responses: Responses,
    groups: tuple[np.ndarray, Sequence[Label]] | None = None,
    categories: Mapping[str, np.ndarray] | None = None,
) -> Patterns:
    """Find the unique patterns of checked responses.

    Parameters
    ----------
    responses : Responses
    groups : array of int, shape (n_persons,), and labels, optional
        A pair (positions, labels). A pattern seen in two groups counts twice.
    categories : dict, optional
        For items whose categories are known from before, their sorted codes.

    Raises
    ------
    InvalidResponses
        If an answer is not among the known categories of its item.
    """
    categories = {} if categories is None else categories
    used = tuple(
        np.asarray(categories.get(item, seen))
        for item, seen in zip(responses.items, responses.categories)
    )
    codes = category_numbers(responses, used)
    positions, labels = groups if groups is not None else (None, (None,))
    keyed = codes if positions is None else np.column_stack([positions, codes])
    first, rows, counts = _unique_rows(keyed.astype(np.int16))
    group = np.zeros(len(first), int) if positions is None else positions[first]
    return Patterns(
        codes=codes[first],
        counts=counts.astype(float),
        rows=rows,
        items=responses.items,
        persons=responses.persons,
        categories=used,
        groups=tuple(labels),
        group=group,
    )


def category_numbers(
    responses: Responses, categories: Sequence[np.ndarray]
) -> np.ndarray:
    """Return persons x items as positions in `categories`, -1 where unanswered."""
    codes = np.full(responses.values.shape, -1, dtype=np.int16)
    for j, known in enumerate(categories):
        seen = ~responses.missing[:, j]
        values = responses.values[seen, j]
        strange = values[~np.isin(values, known)]
        if len(strange):
            raise InvalidResponses(
                f"item {responses.items[j]} has the answer {strange[0]:g}, not among "
                f"its categories {', '.join(str(k) for k in known)}"
            )
        codes[seen, j] = np.searchsorted(known, values)
    return codes


def sets_of(answered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a row of each different set of answered items, and each row's set.

    Sets are in the order of the first item in which they differ, unanswered first.
    """
    first, place, _ = _unique_rows(np.packbits(answered, axis=1))
    return first, place


def _unique_rows(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return first rows, each row's number among them, and counts."""
    packed = np.ascontiguousarray(table)
    keys = packed.view(np.dtype((np.void, packed.dtype.itemsize * packed.shape[1])))
    _, first, rows, counts = np.unique(
        keys.ravel(), return_index=True, return_inverse=True, return_counts=True
    )
    return first, rows.ravel(), counts
