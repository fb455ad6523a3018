"""The half rule: whether a person answered enough of a scale for a score."""

from typing import TypeVar

import numpy as np
import pandas as pd

from ..variation import ROUNDING

Counts = TypeVar("Counts", int, np.ndarray, pd.Series)


def has_enough_answers(
    n_answered: Counts, n_applies: Counts | int, min_share: float = 0.5
) -> Counts:
    """True where a mean of the answered items stands for the scale.

    At least one item, and at least `min_share` of those that apply to the person,
    must be answered: by default the half rule of Fayers and Machin (2016, Quality
    of Life, chapter 15).

    Parameters
    ----------
    n_answered, n_applies : int, or array or Series of shape (n_persons,)
        Number of items with a category, and of items that apply to the person.
    min_share : float in (0, 1]
        Share of the items that apply that must be answered.

    Examples
    --------
    >>> has_enough_answers(2, 4), has_enough_answers(2, 5), has_enough_answers(0, 0)
    (True, False, False)
    """
    # .28 of 25 items are 7, and not the seventh and a rounding more
    return (n_answered > 0) & (n_answered >= min_share * n_applies * (1 - ROUNDING))


def half_rule_means(
    answers: pd.DataFrame, applies: pd.DataFrame | None = None
) -> pd.Series:
    """Mean category of the items of one scale, for those who answered enough of them.

    Parameters
    ----------
    answers : DataFrame, shape (n_persons, n_items)
        Categories in units of the response set; NaN where there is none.
    applies : boolean DataFrame of the same shape, optional
        False where an item does not apply to a person; without it all apply.

    Returns
    -------
    Series, shape (n_persons,)
        NaN for a person who answered fewer than half of the items that apply.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 3], "b": [2, None], "c": [3, None]})
    >>> half_rule_means(answers).tolist()
    [2.0, nan]
    """
    n_applies = answers.shape[1] if applies is None else applies.sum(axis=1)
    enough = has_enough_answers(answers.notna().sum(axis=1), n_applies)
    return answers.mean(axis=1).where(enough)
