"""Ordinal answers as item steps: the shape that Mokken's methods work on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from ..annotations import AnswerTable
from ..errors import InvalidResponses
from ..responses import Responses, check_responses

FEW = 100


@dataclass(frozen=True, eq=False)
class Steps:
    """Answers coded 0..n_steps, with the same steps for every item.

    A step (item, x) is passed by an answer of x or more; steps run from 1 to
    the highest code in use above the lowest, over all items.
    """

    values: np.ndarray  # persons x items, int; -1 where unanswered
    items: pd.Index
    persons: pd.Index
    n_dropped: int
    notes: tuple = ()

    @property
    def n_persons(self) -> int:
        return self.values.shape[0]

    @property
    def n_items(self) -> int:
        return self.values.shape[1]

    @property
    def is_complete(self) -> bool:
        return bool((self.values >= 0).all())

    @property
    def n_steps(self) -> int:
        return int(self.values.max())

    @cached_property
    def passed(self) -> np.ndarray:
        """Boolean persons x items x steps."""
        return self.values[:, :, None] >= np.arange(1, self.n_steps + 1)

    @cached_property
    def popularity(self) -> np.ndarray:
        """Proportion of those who answered that passed each step, items x steps."""
        return self.passed.sum(axis=0) / self.answered.sum(axis=0)[:, None]

    @property
    def answered(self) -> np.ndarray:
        return self.values >= 0

    def rest_scores(self, *left_out: int) -> np.ndarray:
        """Return sums over the other items, prorated over gaps.

        NaN for persons who answered fewer than half of the others, or not all of
        those left out.
        """
        others = np.setdiff1d(np.arange(self.n_items), left_out)
        n_answered = self.answered[:, others].sum(axis=1)
        total = np.where(self.answered, self.values, 0)[:, others].sum(axis=1)
        usable = (2 * n_answered >= len(others)) & (n_answered > 0)
        usable &= self.answered[:, list(left_out)].all(axis=1)
        scaled = total * len(others) / np.maximum(n_answered, 1)
        return np.where(usable, scaled, np.nan)

    def keep(self, which: np.ndarray) -> Steps:
        """Return the same persons on some of the items."""
        return Steps(
            self.values[:, which],
            self.items[which],
            self.persons,
            self.n_dropped,
            self.notes,
        )


def as_steps(responses: AnswerTable | Steps, *, missing: str = "complete") -> Steps:
    """Check `responses` and code them from 0.

    The lowest code in use anywhere counts as 0 for every item: the items of a
    Mokken scale share their categories.

    Parameters
    ----------
    responses : DataFrame or array, shape (n_persons, n_items)
    missing : {"complete", "pairwise"}
        Drop persons with unanswered items, or keep all who answered two items, with
        -1 where unanswered.
    """
    if isinstance(responses, Steps):
        return responses
    checked = check_responses(responses)
    if missing not in ("complete", "pairwise"):
        raise InvalidResponses(f"missing {missing!r} is neither complete nor pairwise")
    if missing == "complete":
        kept = check_responses(checked.complete())
    else:
        enough = (~checked.missing).sum(axis=1) >= 2
        kept = check_responses(checked.to_frame()[enough])
        _check_overlap(kept)
    codes = kept.values - np.nanmin(kept.values)
    return Steps(
        np.where(kept.missing, -1, codes).astype(int),
        kept.items,
        kept.persons,
        checked.n_persons - kept.n_persons,
        _notes(checked, kept),
    )


def _check_overlap(kept: Responses) -> None:
    """Refuse a pair of items of which nobody, or nobody different, answered both."""
    seen = ~kept.missing
    for i, j in combinations(range(kept.n_items), 2):
        both = kept.values[seen[:, i] & seen[:, j]][:, [i, j]]
        if len(both) < 3 or (both == both[0]).all(axis=0).any():
            raise InvalidResponses(
                f"items {kept.items[i]} and {kept.items[j]} share too few differing "
                f"answers ({len(both)} persons answered both); leave one out"
            )


def _notes(checked: Responses, kept: Responses) -> tuple[str, ...]:
    notes = [*checked.notes()]
    n_dropped = checked.n_persons - kept.n_persons
    if n_dropped:
        notes.append(f"{n_dropped} persons with unanswered items left out.")
    elif kept.missing.any():
        notes.append("Unanswered items: each pair over those who answered both.")
    if kept.n_persons < FEW:
        notes.append(f"{kept.n_persons} persons; below {FEW} H is very uncertain.")
    if len({(used[0], used[-1]) for used in kept.categories}) > 1:
        notes.append(
            "Items differ in the categories in use; check that all share them."
        )
    return tuple(notes)
