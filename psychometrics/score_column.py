"""One number for each person: scores and ratings, as they come in a column."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd

from .annotations import PerPerson
from .errors import InvalidResponses

DAYS = (datetime.date, datetime.timedelta, np.datetime64, np.timedelta64)


def score_column(
    values: PerPerson | pd.DataFrame, what: str = "scores", *, one_each: bool = True
) -> np.ndarray:
    """Return a column of scores as floats, NaN where missing.

    Categorical columns and pandas' own kinds of numbers hold numbers like any other.

    Parameters
    ----------
    values : Series or array, shape (n,)
    what : str
        How the message names the column.
    one_each : bool
        Refuse a table; without it the caller says which shapes it can use.

    Raises
    ------
    InvalidResponses
        A word, a date, an infinite value, or several values for one person. The
        message names the first of them.
    """
    try:
        array = np.asarray(values)
    except ValueError:  # of parts that differ in length
        array = _cells(values)
    if one_each and array.ndim != 1:
        raise InvalidResponses(
            f"{what} have shape {array.shape}; give one column, a value for each person"
        )
    if array.dtype.kind in "biuf":
        floats = array.astype(float)
    else:
        cells = _cells(array)
        unread = np.array([not _is_number(cell) for cell in cells], bool)
        if unread.any():
            raise InvalidResponses(
                f"{what}: {cells[unread.argmax()]!r} at place {unread.argmax() + 1} is "
                "no number; give numbers, and NaN where one is missing"
            )
        floats = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce")
        floats = floats.to_numpy(dtype=float, na_value=np.nan).reshape(array.shape)
    if np.isinf(floats).any():
        place = int(np.isinf(floats).ravel().argmax()) + 1
        raise InvalidResponses(
            f"{what}: the value at place {place} is infinite; give numbers"
        )
    return floats


def _cells(values: Any) -> np.ndarray:
    """The values one by one, as objects."""
    listed = list(values.ravel() if isinstance(values, np.ndarray) else values)
    cells = np.empty(len(listed), object)
    cells[:] = listed
    return cells


def _is_number(cell: Any) -> bool:
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return True
    if not np.isscalar(cell) or isinstance(cell, (*DAYS, complex)):
        return False
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True
