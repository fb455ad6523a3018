"""The points of a control chart in the order of time, one a period, gaps kept."""

from __future__ import annotations

import datetime
from typing import TypeAlias

import numpy as np
import pandas as pd

from ..annotations import PerPerson
from ..errors import InvalidResponses
from ..options import check_option

PERIODS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}
MONTH = r"\d{4}-\d{2}"
# a point of a chart, as its index holds it or as a reader writes its date
Point: TypeAlias = str | int | datetime.date | pd.Period


def in_order(values: PerPerson, *, every: str | None = None) -> pd.Series:
    """Sort points by their dates and leave a gap where a period has none.

    Parameters
    ----------
    values : Series or array, shape (n_points,)
        A Series labelled by dates, periods, months ("2026-04") or whole numbers is
        sorted; other labels, and an array, stand in the order of time already.
    every : "day", "week", "month", "quarter" or "year", optional
        One point is wanted in each of these; of periods and months it is known.

    Returns
    -------
    Series
        Labelled by periods where `every` is known, NaN where one has no point.

    Raises
    ------
    InvalidResponses
        Two points have one label or stand in one period, a date is missing or
        cannot be read, or a value is no finite number.
    """
    if every is not None:
        check_option("every", every, PERIODS)
    series = pd.Series(values)
    try:
        if series.dtype.kind in "cmM":
            raise TypeError(f"{series.iloc[0]}")
        series = series.astype(float)
    except (TypeError, ValueError) as problem:
        raise InvalidResponses(f"a point is no number: {problem}") from None
    series.index = _labels(series.index, every)
    _check_points(series)
    if isinstance(series.index, pd.PeriodIndex):
        whole = pd.period_range(series.index.min(), series.index.max())
        return series.reindex(whole.rename(series.index.name))
    if isinstance(series.index, pd.DatetimeIndex) or series.index.dtype.kind in "iu":
        return series.sort_index()
    return series


def _labels(index: pd.Index, every: str | None) -> pd.Index:
    """Dates as dates, and as periods where it is known which."""
    if isinstance(index, pd.PeriodIndex):
        if every is None:
            return index
        index = index.to_timestamp()
    kind = index.inferred_type
    if every is None and kind == "string" and index.str.fullmatch(MONTH).all():
        every = "month"
    is_date = isinstance(index, pd.DatetimeIndex) or kind in ("date", "datetime")
    if not is_date and every is None:
        return index
    try:
        if kind not in ("string", "date", "datetime", "datetime64"):
            raise TypeError(f"{index[0]!r} is no date")
        dates = pd.DatetimeIndex(pd.to_datetime(index), name=index.name)
    except (TypeError, ValueError) as problem:
        raise InvalidResponses(f"points need dates: {problem}") from None
    return dates if every is None else dates.to_period(PERIODS[every])


def _check_points(series: pd.Series) -> None:
    if series.index.hasnans:
        raise InvalidResponses("a point has no date; give each its own")
    twice = series.index[series.index.duplicated()]
    if len(twice):
        raise InvalidResponses(
            f"two points stand at {name_of(twice[0])}; a chart has one for each "
            "period: add them up before"
        )
    endless = series.index[series.abs() == float("inf")]
    if len(endless):
        raise InvalidResponses(f"point {name_of(endless[0])} is infinite")


def place_of(index: pd.Index, label: Point) -> int:
    """Where the first point at `label`, or of a date after it, stands.

    Raises
    ------
    InvalidResponses
        The label names no point, or a date after the last one.
    """
    if isinstance(index, pd.PeriodIndex):
        text = str(label) if isinstance(label, int) else label
        label = pd.Period(text, freq=index.freqstr)
        places = np.flatnonzero(index >= label)
    elif isinstance(index, pd.DatetimeIndex):
        when = label.start_time if isinstance(label, pd.Period) else label
        label = pd.Timestamp(when)
        places = np.flatnonzero(index >= label)
    else:
        places = np.flatnonzero(index == label)
    if not len(places):
        raise InvalidResponses(f"no point stands at {name_of(label)} or after it")
    return int(places[0])


def name_of(label: object) -> str:
    """A label as a reader writes it: Apr 2026, 3 Apr 2026, or as it came."""
    if isinstance(label, pd.Period) and label.freqstr.startswith("M"):
        return label.strftime("%b %Y")
    if isinstance(label, datetime.date):
        return f"{label.day} {label:%b %Y}"
    return str(label)
