"""Who is compared with whom: groups, their sizes, and the matching variable."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Label, PerPerson
from ..counted import counted
from ..errors import InvalidResponses, SmallSampleWarning
from ..responses import Responses

ENOUGH = 200  # a group, for a "very good" DIF study (COSMIN)


@dataclass(frozen=True, eq=False)
class Groups:
    """Group of each kept person as a number; level 0 is the reference."""

    codes: np.ndarray
    levels: list[Label]
    kept: np.ndarray  # persons whose group is known

    @property
    def sizes(self) -> dict[Label, int]:
        return dict(zip(self.levels, np.bincount(self.codes).tolist()))

    def dummies(self) -> np.ndarray:
        """Return persons x (levels - 1): 1 in the person's own focal group."""
        return (self.codes[:, None] == np.arange(1, len(self.levels))).astype(float)


def as_groups(
    groups: PerPerson,
    checked: Responses,
    *,
    reference: Label | None = None,
    min_group: int = 100,
) -> Groups:
    """Match group labels to persons, and refuse groups too small to compare.

    Parameters
    ----------
    groups : Series or array, shape (n_persons,)
        A Series is matched by index; persons without a label are left out.
    checked : Responses
        The answers of the same persons.
    reference : label, optional
        The group the others are compared with; without it the first in order.
    min_group : int
        The fewest persons a group may have.
    """
    n_rows = checked.n_persons + checked.n_empty
    if isinstance(groups, pd.Series) and len(groups) not in (n_rows, checked.n_persons):
        raise InvalidResponses(f"{len(groups)} group labels for {n_rows} persons")
    known = checked.of_persons(groups, what="group labels")
    kept = known.notna().to_numpy()
    levels = sorted(known[kept].unique(), key=lambda level: (str(type(level)), level))
    if reference is not None:
        if reference not in levels:
            raise InvalidResponses(f"no person is in the reference group {reference!r}")
        levels = [reference, *(level for level in levels if level != reference)]
    codes = pd.Categorical(known[kept], categories=levels).codes.astype(int)
    found = Groups(codes, levels, kept)
    _check_sizes(found.sizes, min_group)
    return found


def _check_sizes(sizes: Mapping[Label, int], min_group: int) -> None:
    if len(sizes) < 2:
        raise InvalidResponses(
            f"{counted(len(sizes), 'group')} found; DIF compares two or more"
        )
    listed = ", ".join(f"{level} ({n})" for level, n in sizes.items())
    if min(sizes.values()) < min_group:
        raise InvalidResponses(
            f"groups are {listed}; each needs {min_group} persons to be compared: "
            "join groups, or lower min_group knowingly"
        )
    if min(sizes.values()) < ENOUGH:
        warnings.warn(
            f"groups are {listed}; below {ENOUGH} a group DIF is estimated poorly",
            SmallSampleWarning,
            stacklevel=4,
        )


def matching_scores(values: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Return the standardised total over `items`, prorated over gaps.

    A person with fewer than half of the items answered has none (NaN).

    Parameters
    ----------
    values : array, shape (n_persons, n_items)
        Codes from 0, NaN where unanswered.
    items : sequence of int
        Positions of the items that are summed.
    """
    chosen = values[:, items]
    n_answered = (~np.isnan(chosen)).sum(axis=1)
    total = np.nansum(chosen, axis=1) * (len(items) / np.maximum(n_answered, 1))
    return standardise(np.where(2 * n_answered >= len(items), total, np.nan))


def standardise(scores: np.ndarray) -> np.ndarray:
    """Return z scores (n - 1 in the deviation); NaN stay."""
    return (scores - np.nanmean(scores)) / np.nanstd(scores, ddof=1)
