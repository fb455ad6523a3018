"""Two scores of the same persons, brought side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..annotations import PerPerson
from ..counted import counted
from ..errors import InvalidResponses
from ..score_column import score_column


def in_order_of(one: PerPerson | pd.DataFrame, other: PerPerson) -> PerPerson:
    """Return `other` with its values in the order of the persons of `one`.

    Two labelled columns are matched by label, NaN where `other` lacks one; anything
    else stands in the same order already, and so do labels that are the same.

    Raises
    ------
    InvalidResponses
        A label stands twice in `other`, in another order than in `one`; or columns
        without labels differ in length.
    """
    if not (isinstance(one, pd.Series | pd.DataFrame) and isinstance(other, pd.Series)):
        if np.ndim(one) and (not np.ndim(other) or len(other) != len(one)):
            n = len(other) if np.ndim(other) else 1
            raise InvalidResponses(
                f"{len(one)} scores and {n} beside them; give columns of one length"
            )
        return other
    if one.index.equals(other.index):
        return other
    if other.index.has_duplicates:
        twice = other.index[other.index.duplicated()][0]
        raise InvalidResponses(
            f"person {twice} stands twice in a column that is to be matched by label"
        )
    return other.reindex(one.index)


def paired_scores(
    one: PerPerson,
    other: PerPerson,
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
        Different lengths, a person twice, what is no finite number, or fewer than
        three persons with both.
    """
    if not (isinstance(one, pd.Series) and isinstance(other, pd.Series)):
        a, b = (
            score_column(s, name, one_each=False)
            for s, name in zip((one, other), names)
        )
        if a.shape != b.shape or a.ndim != 1:
            raise InvalidResponses(
                f"scores have shapes {a.shape} and {b.shape}; give two columns "
                "of one length"
            )
        one, other = pd.Series(a), pd.Series(b)
    for name, scores in zip(names, (one, other)):
        if scores.index.has_duplicates:
            twice = scores.index[scores.index.duplicated()][0]
            raise InvalidResponses(f"{name} has person {twice} twice; give one score")
    columns = [
        pd.Series(score_column(scores, name), scores.index)
        for name, scores in zip(names, (one, other))
    ]
    pairs = pd.DataFrame(dict(zip(names, columns)))
    n = len(pairs.dropna())
    if n < 3:
        raise InvalidResponses(
            f"{counted(n, 'person')} with both scores; at least 3 needed"
        )
    return pairs
