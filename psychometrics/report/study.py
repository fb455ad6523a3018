"""The answers under study and the estimates that several sections share."""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import numpy as np
import pandas as pd

from ..correlation import polychoric
from ..errors import InvalidResponses
from ..responses import check_responses


@dataclass(frozen=True, eq=False)
class Study:
    """Checked answers, all keyed one way, with what the sections need of them.

    Attributes
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Codes after reversal, NaN where unanswered.
    scales : dict of str to list of str
        The items of each scale.
    categories : tuple of int
        The lowest and highest code an answer may have.
    groups : Series or None
        The group of each person, for invariance and differential functioning.
    """

    responses: pd.DataFrame
    scales: dict
    categories: tuple
    groups: pd.Series | None = None
    reversed_items: tuple = ()
    seed: int = 1
    executor: object = None
    missing_reasons: pd.DataFrame | None = None
    notes: tuple = field(default=())

    @property
    def items(self):
        return list(self.responses.columns)

    @property
    def n_persons(self):
        return len(self.responses)

    @cached_property
    def complete(self):
        """The persons who answered every item."""
        return self.responses.dropna()

    @cached_property
    def polychoric(self):
        """Pairwise polychoric correlations of all items."""
        return polychoric(self.responses)

    @cached_property
    def fingerprint(self):
        """SHA-256 of labels and codes: the same answers give the same digits."""
        head = ",".join(map(str, self.items))
        codes = np.ascontiguousarray(self.responses.to_numpy(float)).tobytes()
        return sha256(head.encode() + codes).hexdigest()

    def scale_frame(self, scale):
        """The answers to the items of one scale."""
        return self.responses[list(self.scales[scale])]

    def totals(self):
        """Mean score of each scale for those with at least half its items."""
        means = {}
        for scale, items in self.scales.items():
            answers = self.responses[list(items)]
            means[scale] = answers.mean(axis=1).where(
                answers.notna().mean(axis=1) >= 0.5
            )
        return pd.DataFrame(means)


def prepare_study(
    responses, scales=None, *, reverse=(), categories=None, groups=None, **options
):
    """Check the answers, turn the reversed items round, and return a `Study`.

    Raises
    ------
    InvalidResponses
        An item of a scale or of `reverse` that the table does not have, a scale of
        fewer than two items, or codes outside `categories`.
    """
    columns = list(responses.columns)
    scales = (
        {"total": columns} if not scales else {k: list(v) for k, v in scales.items()}
    )
    wanted = dict.fromkeys(item for items in scales.values() for item in items)
    _check_known([*wanted, *reverse], columns)
    _check_lengths(scales)
    checked = check_responses(responses[list(wanted)])
    low, high = categories or (
        int(min(used[0] for used in checked.categories)),
        int(max(used[-1] for used in checked.categories)),
    )
    frame = checked.to_frame()
    _check_range(frame, low, high)
    frame[list(reverse)] = low + high - frame[list(reverse)]
    return Study(frame, scales, (low, high), groups, tuple(reverse), **options)


def _check_known(wanted, columns):
    unknown = [item for item in wanted if item not in columns]
    if unknown:
        raise InvalidResponses(
            f"no column {unknown[0]}; the table has {', '.join(map(str, columns[:8]))}"
            + (" ..." if len(columns) > 8 else "")
        )


def _check_lengths(scales):
    for name, items in scales.items():
        if len(items) < 2:
            raise InvalidResponses(
                f"scale {name} has {len(items)} item(s); the report needs two a scale"
            )


def _check_range(frame, low, high):
    outside = (frame < low) | (frame > high)
    if outside.to_numpy().any():
        item = outside.any().idxmax()
        row = outside[item].idxmax()
        raise InvalidResponses(
            f"item {item} has {frame.loc[row, item]:g} at row {row}; "
            f"its categories run from {low} to {high}"
        )
