"""What cannot be estimated, said before or after trying, with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...counted import counted
from ...errors import InvalidResponses, NotIdentified

if TYPE_CHECKING:
    import pandas as pd

    from ..model.parameter_table import ParameterTable

FEWEST_TOGETHER = 3
SAME = 0.99999


def refuse_strangers(values: np.ndarray, items: Sequence[str]) -> None:
    """Refuse two items that hardly anybody of a group answered both of.

    Raises
    ------
    InvalidResponses
    """
    seen = (~np.isnan(values)).astype(float)
    together = seen.T @ seen
    if together.min() >= FEWEST_TOGETHER:
        return
    first, second = np.unravel_index(np.argmin(together), together.shape)
    if first == second:
        raise InvalidResponses(
            f"item {items[first]} was answered by "
            f"{counted(int(together[first, first]), 'person')} of a group; "
            "leave it out or join groups"
        )
    raise InvalidResponses(
        f"items {items[first]} and {items[second]} were answered together by "
        f"{counted(int(together[first, second]), 'person')} of a group; leave one out"
    )


def refuse_dependent(values: np.ndarray, items: Sequence[str]) -> None:
    """Refuse complete numbers whose covariances are not positive definite.

    Raises
    ------
    InvalidResponses
        Naming the items that determine each other.
    """
    if np.isnan(values).any():
        return
    sd = values.std(axis=0)
    if (sd == 0).any():
        raise InvalidResponses(
            f"item {items[int(np.argmin(sd))]} does not vary in a group; leave it out"
        )
    roots, vectors = np.linalg.eigh(np.corrcoef(values.T))
    if roots[0] > 1e-10:
        return
    weights = abs(vectors[:, 0])
    named = [items[j] for j in np.flatnonzero(weights > 0.05 * weights.max())]
    raise InvalidResponses(
        f"{', '.join(named[:6])}: each follows exactly from the others in a group (a "
        "copy, a sum, or fewer persons than items); leave one out"
    )


def refuse_singular(information: np.ndarray, table: ParameterTable) -> None:
    """Refuse a model whose `information` has a null direction.

    Raises
    ------
    NotIdentified
        Naming a parameter that the moments do not determine.
    """
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values[0] > 1e-9:
        return
    row = row_of(table, int(np.argmax(abs(vectors[:, 0]))))
    raise NotIdentified(
        f"the model does not determine {row.lhs} {row.op} {row.rhs} "
        f"(group {row.group}); fix or equate a parameter of that part"
    )


def row_of(table: ParameterTable, place: int) -> pd.Series:
    """Return the table's row of the free parameter at a `place`."""
    return table.frame[table.frame["free"] == place + 1].iloc[0]
