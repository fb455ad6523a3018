"""The one gate for input: what a persons x items table must be before it is used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from .errors import InvalidResponses


@dataclass(frozen=True, eq=False)
class Responses:
    """A checked persons x items table: labels at the border, arrays inside.

    Attributes
    ----------
    values : float array, shape (n_persons, n_items)
        Codes as they came, NaN where unanswered.
    items, persons : Index
        The labels of columns and rows.
    """

    values: np.ndarray
    items: pd.Index
    persons: pd.Index

    @property
    def n_persons(self) -> int:
        return self.values.shape[0]

    @property
    def n_items(self) -> int:
        return self.values.shape[1]

    @cached_property
    def missing(self) -> np.ndarray:
        """Boolean persons x items: True where unanswered."""
        return np.isnan(self.values)

    @cached_property
    def categories(self) -> tuple[np.ndarray, ...]:
        """For each item the sorted integer codes that somebody used."""
        return tuple(
            np.unique(column[~np.isnan(column)]).astype(int) for column in self.values.T
        )

    @cached_property
    def codes(self) -> np.ndarray:
        """Persons x items as 0, 1, ... over each item's used categories; -1 missing."""
        codes = np.full(self.values.shape, -1, dtype=np.int16)
        for j, used in enumerate(self.categories):
            seen = ~self.missing[:, j]
            codes[seen, j] = np.searchsorted(used, self.values[seen, j])
        return codes

    def unused(self) -> dict[str, list[int]]:
        """Return {item: codes between its lowest and highest that nobody used}."""
        gaps = {}
        for item, used in zip(self.items, self.categories):
            between = sorted(set(range(used[0], used[-1] + 1)) - set(used.tolist()))
            if between:
                gaps[item] = between
        return gaps

    def complete(self) -> Responses:
        """Return the persons who answered every item."""
        kept = ~self.missing.any(axis=1)
        return Responses(self.values[kept], self.items, self.persons[kept])

    def to_frame(self) -> pd.DataFrame:
        """Return the labelled table."""
        return pd.DataFrame(self.values, index=self.persons, columns=self.items)


def check_responses(
    responses: pd.DataFrame,
    *,
    min_items: int = 2,
    min_persons: int = 3,
    ordinal: bool = True,
    more_persons_than_items: bool = True,
    varying: bool = True,
) -> Responses:
    """Check a persons x items table and return it as `Responses`.

    Parameters
    ----------
    responses : DataFrame or array, shape (n_persons, n_items)
        Numbers, NaN (or None) where unanswered; with `ordinal`, whole numbers.
    min_items, min_persons : int
        The fewest that the caller's method can use.
    more_persons_than_items : bool
        Refuse a table with fewer persons than items.
    varying : bool
        Refuse an item that nobody answered or that all answered alike; scoring
        one person's answers does not need this.

    Raises
    ------
    InvalidResponses
        Two columns of one name, text, infinities, fractions among ordinal codes,
        an item nobody answered or all answered alike, or too few persons or
        items. The message names the item and says what would do.
    """
    frame = _as_frame(responses)
    _check_shape(frame, min_items, min_persons, more_persons_than_items)
    values = _as_floats(frame)
    for item, column in zip(frame.columns, values.T):
        _check_item(item, column, ordinal, varying)
    return Responses(values, frame.columns, frame.index)


def _as_frame(responses: np.ndarray | pd.DataFrame | Responses) -> pd.DataFrame:
    if isinstance(responses, Responses):
        return responses.to_frame()
    if isinstance(responses, pd.DataFrame):
        return responses
    array = np.asarray(responses)
    if array.ndim != 2:
        raise InvalidResponses(
            f"responses have {array.ndim} dimension(s); "
            "give a table of persons (rows) by items (columns)"
        )
    return pd.DataFrame(array, columns=[f"item{j + 1}" for j in range(array.shape[1])])


def _check_shape(
    frame: pd.DataFrame, min_items: int, min_persons: int, more_persons_than_items: bool
) -> None:
    n_persons, n_items = frame.shape
    repeated = frame.columns[frame.columns.duplicated()].unique().tolist()
    if repeated:
        raise InvalidResponses(
            f"two columns are named {repeated[0]}; give each item a name of its own"
        )
    if n_items < min_items:
        raise InvalidResponses(f"{n_items} item(s) given; at least {min_items} needed")
    if n_persons < min_persons:
        raise InvalidResponses(
            f"{n_persons} person(s) given; at least {min_persons} needed"
        )
    if more_persons_than_items and n_persons < n_items:
        raise InvalidResponses(
            f"{n_persons} persons and {n_items} items; "
            "more persons than items are needed (is the table turned round?)"
        )


def _as_floats(frame: pd.DataFrame) -> np.ndarray:
    for item in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[item]):
            numbers = pd.to_numeric(frame[item], errors="coerce")
            words = frame[item][numbers.isna() & frame[item].notna()]
            if len(words):
                raise InvalidResponses(
                    f"item {item} has {words.iloc[0]!r} at row {words.index[0]}; "
                    "give numbers, and leave missing answers empty"
                )
    return frame.apply(pd.to_numeric).to_numpy(dtype=float, na_value=np.nan)


def _check_item(
    item: int | str, column: np.ndarray, ordinal: bool, varying: bool
) -> None:
    answered = column[~np.isnan(column)]
    if varying and not len(answered):
        raise InvalidResponses(f"item {item} was answered by nobody; leave it out")
    if np.isinf(answered).any():
        raise InvalidResponses(f"item {item} has an infinite value; give numbers")
    if ordinal and (answered != np.round(answered)).any():
        fraction = answered[answered != np.round(answered)][0]
        raise InvalidResponses(
            f"item {item} has {fraction:g}; ordinal items need whole-number codes"
        )
    if varying and (answered == answered[0]).all():
        raise InvalidResponses(
            f"item {item} has one category in use ({answered[0]:g}); "
            "it cannot tell people apart, leave it out"
        )
