"""Names for the types that many signatures share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:  # matplotlib waits until something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
else:
    Axes = Figure = Any

# persons x items, labelled or not
AnswerTable: TypeAlias = pd.DataFrame | np.ndarray
# one value for each person, or rater, in the order of the table's rows
PerPerson: TypeAlias = pd.Series | np.ndarray | Sequence[Any]
# items of each scale
Scales: TypeAlias = Mapping[str, Sequence[str]]
# a generator, a seed for one, or None where nothing random was asked for
Rng: TypeAlias = np.random.Generator | int | None
# called with (done, total)
Progress: TypeAlias = Callable[[int, int], object]
# a group, a category's text, an item's id: what an index can hold
Label: TypeAlias = Hashable
# what a rule of an instrument says of each item
PerItem: TypeAlias = Mapping[str, Any]

__all__ = [
    "AnswerTable",
    "Axes",
    "Figure",
    "Label",
    "PerItem",
    "PerPerson",
    "Progress",
    "Rng",
    "Scales",
]
