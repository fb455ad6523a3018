"""One statistic for as many items as allow it, and why the others have none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..annotations import Label
from ..errors import PsychometricsError

REFUSALS = (PsychometricsError, np.linalg.LinAlgError)
NEAR = 1e-9  # correlations of exact copies differ by rounding alone


@dataclass(frozen=True, eq=False)
class Assessment:
    """Values of one statistic, NaN where there is none, and what is to be said.

    Attributes
    ----------
    values : Series
        One value an item.
    absent : dict of item to str
        Why an item was not assessed at all.
    partial : dict of item to str
        What else was to be looked at in an item and could not be.
    """

    values: pd.Series
    absent: Mapping[Label, str] = field(default_factory=dict)
    partial: Mapping[Label, str] = field(default_factory=dict)


def not_assessed(items: Sequence[Label], why: str) -> Assessment:
    """An assessment of none of the items."""
    return Assessment(pd.Series(np.nan, list(items), float), dict.fromkeys(items, why))


def joined(parts: Sequence[Assessment], items: Sequence[Label]) -> Assessment:
    """The assessments of several domains as one, in the order of `items`."""
    values = [part.values for part in parts if len(part.values)]
    merged = pd.concat(values) if values else pd.Series(dtype=float)
    absent: dict[Label, str] = {}
    partial: dict[Label, str] = {}
    for part in parts:
        absent |= part.absent
        partial |= part.partial
    return Assessment(merged.reindex(list(items)), absent, partial)


def assess(
    measure: Callable[[pd.DataFrame], pd.Series],
    answers: pd.DataFrame,
    *,
    least: int = 2,
    what: str = "items that vary",
) -> Assessment:
    """Measure all items of a domain, or all but those that do not allow it.

    An item that does not vary is left out from the start. Where the measure refuses
    the rest, the item that is most likely the cause is left out and the rest is
    measured again, until it works or fewer than `least` items remain.
    """
    absent = dict(still(answers))
    left, why = answers.drop(columns=list(absent)), ""
    values = pd.Series(dtype=float)
    while left.shape[1] >= least:
        try:
            values = measure(left)
            break
        except REFUSALS as problem:
            why = why or str(problem)
            cause, said = suspect(left)
            absent[cause] = f"{said}: {problem}"
            left = left.drop(columns=cause)
    else:
        absent = absent if not why else dict(still(answers))
        few = why or f"its domain has fewer than {least} {what}"
        absent |= {item: few for item in answers if item not in absent}
    values = values.reindex(answers.columns).astype(float)
    for item in values.index[values.isna()]:
        absent.setdefault(item, "too few answers to tell")
    return Assessment(values, absent)


def still(answers: pd.DataFrame) -> dict[Label, str]:
    """{item: what is so} of the items that nobody answered, or all alike."""
    words = {0: "nobody answered it", 1: "everybody answered it alike"}
    return {item: words[n] for item, n in answers.nunique().items() if n < 2}


def suspect(answers: pd.DataFrame) -> tuple[Label, str]:
    """The item that most likely keeps a model from its domain, and why it.

    One of two items that are nearly the same, else the item with the largest share
    in one option.
    """
    array = answers.to_numpy()
    shares = answers.apply(lambda a: a.value_counts(normalize=True).max())
    lopsided = max(answers, key=lambda item: (shares[item], str(item)))
    best, pair = 0.9, None
    for j, one in enumerate(answers):
        for k in range(j):
            both = ~np.isnan(array[:, [j, k]]).any(axis=1)
            a, b = array[both, j], array[both, k]
            if both.sum() > 2 and a.std() > 0 and b.std() > 0:
                r = np.corrcoef(a, b)[0, 1]
                if r > best:
                    best, pair = r, sorted((one, answers.columns[k]), key=str)
    if pair is not None:
        return pair[1], f"not beside {pair[0]}, which is nearly the same"
    return lopsided, f"{shares[lopsided]:.0%} chose one option"
