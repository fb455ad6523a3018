"""What a calibration announces: data too thin to lean on, and odd parameters."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import SmallSampleWarning, SparseCategoryWarning

if TYPE_CHECKING:
    from ..responses import Responses
    from .objective import Prior
    from .parameters import ItemParameters

RARE = 5
FEW = 100
STEEP = 6.0


def announce(
    checked: Responses,
    prior: Prior | None = None,
    *,
    shares_steps: bool = False,
    stated: Collection[str] = (),
) -> tuple[str, ...]:
    """Warn of, and return notes on, what makes the data thin; and on priors.

    `stated` are items whose categories are known to be all that there are.
    """
    notes = []
    if checked.n_persons < FEW:
        notes.append(
            f"Only {checked.n_persons} persons: parameters and standard errors are "
            "rough; prefer the partial credit model, or collect more."
        )
        warnings.warn(notes[-1], SmallSampleWarning, stacklevel=4)
    for item, codes in checked.unused().items():
        what = (
            "its step is that of the other items"
            if shares_steps
            else "the categories on either side were taken as neighbours. If it stays "
            "unused, merge it"
        )
        notes.append(f"Item {item}: nobody used {', '.join(map(str, codes))}; {what}.")
        warnings.warn(notes[-1], SparseCategoryWarning, stacklevel=4)
    notes += _thin_categories(checked, shares_steps, stated)
    notes += checked.notes()
    return tuple(notes) + (prior.announce() if prior else ())


def _thin_categories(
    checked: Responses, shares_steps: bool, stated: Collection[str]
) -> Iterator[str]:
    short = [item for item in _shorter(checked) if item not in stated]
    if short:
        yield (
            f"Lowest or highest category of the other items unused: {', '.join(short)};"
            + (
                " its steps there are those of the others; it must have been offered "
                "there too."
                if shares_steps
                else " if it was offered there too, its threshold is not known."
            )
        )
    rare = _rare(checked)
    if rare:
        yield (
            f"Fewer than {RARE} persons used a category of: {', '.join(rare)}; "
            "its threshold is uncertain, merging it with a neighbour would do."
        )


def _shorter(checked: Responses) -> list[str]:
    """Items whose codes end inside those that most of the items reach."""
    ends = [(int(used[0]), int(used[-1])) for used in checked.categories]
    low, high = (pd.Series(end).mode()[0] for end in zip(*ends))
    return [
        str(item)
        for item, (first, last) in zip(checked.items, ends)
        if low <= first and last <= high and (low, high) != (first, last)
    ]


def _rare(checked: Responses) -> list[str]:
    counts = (
        pd.Series(column[column >= 0]).value_counts().min()
        for column in checked.codes.T
    )
    return [str(item) for item, n in zip(checked.items, counts) if n < RARE]


def parameter_notes(parameters: ItemParameters) -> tuple[str, ...]:
    """Return notes on thresholds out of order, and slopes that mislead."""
    if not parameters.is_unidimensional:
        return () if parameters.model == "nominal" else _steep_notes(parameters)
    order = parameters.threshold_order()
    wrong = [str(item) for item in order.index[~order["ordered"]]]
    notes = []
    if wrong:
        notes.append(
            f"Thresholds are out of order for: {', '.join(wrong)}. A category there is "
            "nowhere the likeliest: look at plot_categories, ask nominal_response "
            "whether the order holds, and merge it with a neighbour if not."
        )
    slopes = parameters.discrimination
    falling = [str(item) for item in slopes.index[slopes < 0]]
    if falling:
        notes.append(
            f"Answers fall as theta rises for: {', '.join(falling)}. Reverse items "
            "that are worded the other way round; leave out the others."
        )
    notes.extend(_steep_notes(parameters))
    is_free = parameters.model not in ("pcm", "rsm", "nominal")
    if is_free and np.size(slopes) == 2:
        notes.append(
            "Two items share one association, which says little of two slopes; use "
            "three items, or the partial credit model."
        )
    return tuple(notes)


def _steep_notes(parameters: ItemParameters) -> tuple[str, ...]:
    """Return a note on items whose slope, over all dimensions, is hardly finite."""
    lengths = np.sqrt((parameters.slopes**2).sum(axis=1))
    steep = [str(item) for item in lengths.index[lengths > STEEP]]
    if not steep:
        return ()
    return (
        f"Splits persons nearly in two: {', '.join(steep)} (slope beyond "
        f"{STEEP:g}, a loading beyond .96). Rankings by information or slope put "
        "it first for that alone: look for a copy of another item, or give a prior.",
    )
