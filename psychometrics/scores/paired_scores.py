"""Two scores of the same persons, brought side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..counted import counted
from ..errors import InvalidResponses


def paired_scores(
    one: Sequence[int] | pd.Series,
    other: Sequence[int] | pd.Series,
    *,
    names: tuple[str, str],
) -> pd.DataFrame:
    """Return a frame with both scores of each person, NaN where missing.

    Parameters
    ----------
    one, other : Series or array, shape (n,)
        Two Series are matched by label, anything else by place.
    names : tuple of str
        Of the two columns.

    Raises
    ------
    InvalidResponses
        Different lengths, a person twice, or fewer than three persons with both.
    """
    if not (isinstance(one, pd.Series) and isinstance(other, pd.Series)):
        one, other = np.asarray(one, float), np.asarray(other, float)
        if one.shape != other.shape or one.ndim != 1:
            raise InvalidResponses(
                f"scores have shapes {one.shape} and {other.shape}; give two columns "
                "of one length"
            )
        one, other = pd.Series(one), pd.Series(other)
    for name, scores in zip(names, (one, other)):
        if scores.index.has_duplicates:
            twice = scores.index[scores.index.duplicated()][0]
            raise InvalidResponses(f"{name} has person {twice} twice; give one score")
    pairs = pd.DataFrame(dict(zip(names, (one, other)))).astype(float)
    infinite = np.isinf(pairs).any(axis=1)
    if infinite.any():
        raise InvalidResponses(
            f"person {pairs.index[infinite][0]} has an infinite score; give numbers"
        )
    n = len(pairs.dropna())
    if n < 3:
        raise InvalidResponses(
            f"{counted(n, 'person')} with both scores; at least 3 needed"
        )
    return pairs
