"""The one gate for input: what a persons x items table must be before it is used."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from .annotations import AnswerTable, Label, PerPerson, Scales
from .codes_apart import codes_apart
from .counted import counted
from .errors import EmptyRowWarning, InvalidResponses, UnstatedCodeWarning


@dataclass(frozen=True, eq=False)
class Responses:
    """A checked persons x items table: labels at the border, arrays inside.

    Attributes
    ----------
    values : float array, shape (n_persons, n_items)
        Codes as they came, NaN where unanswered.
    items, persons : Index
        The labels of columns and rows.
    counted : boolean array, shape (n_rows,), optional
        Over the rows of the table as it came: False for a row without any answer,
        which is nobody and has no place in `values`. None where all are persons.
    """

    values: np.ndarray
    items: pd.Index
    persons: pd.Index
    counted: np.ndarray | None = None

    @property
    def n_persons(self) -> int:
        return self.values.shape[0]

    @property
    def n_items(self) -> int:
        return self.values.shape[1]

    @property
    def rows(self) -> np.ndarray:
        """Where each person stands among the rows of the table as it came."""
        if self.counted is None:
            return np.arange(self.n_persons)
        return np.flatnonzero(self.counted)

    @property
    def n_empty(self) -> int:
        """Rows of the table that hold no answer to these items."""
        return 0 if self.counted is None else int((~self.counted).sum())

    def notes(self) -> tuple[str, ...]:
        """Say how many rows are nobody, if any are."""
        if not self.n_empty:
            return ()
        one = self.n_empty == 1
        does = (
            "holds no answer to these items and counts"
            if one
            else ("hold no answer to these items and count")
        )
        n_rows = self.n_persons + self.n_empty
        return (
            f"{self.n_empty} of {n_rows} rows {does} as nobody: n is {self.n_persons}.",
        )

    def of_persons(self, values: PerPerson, *, what: str = "values") -> pd.Series:
        """Return one value for each person counted, from one for each row.

        Parameters
        ----------
        values : Series or array
            A Series is matched by label, NaN where it has none; anything else needs
            one value for each row of the table as it came, or for each person.

        Raises
        ------
        InvalidResponses
            There are more or fewer values than rows.
        """
        if isinstance(values, pd.Series):
            return values.reindex(self.persons)
        array = np.asarray(values)
        n_rows = self.n_persons + self.n_empty
        if len(array) == n_rows and self.n_empty:
            array = array[self.rows]
        if len(array) != self.n_persons:
            raise InvalidResponses(
                f"{len(array)} {what} for {n_rows} persons; give one for each row"
            )
        return pd.Series(array, index=self.persons)

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
        kept = np.flatnonzero(~self.missing.any(axis=1))
        return Responses(self.values[kept], self.items, self.persons[kept])

    def to_frame(self) -> pd.DataFrame:
        """Return the labelled table."""
        return pd.DataFrame(self.values, index=self.persons, columns=self.items)


def check_responses(
    responses: AnswerTable | Responses,
    *,
    min_items: int = 2,
    min_persons: int = 3,
    ordinal: bool = True,
    more_persons_than_items: bool = True,
    varying: bool = True,
    keep_empty: bool = False,
    codes_stated: bool = False,
) -> Responses:
    """Check a persons x items table and return it as `Responses`.

    A row without any answer is nobody: it is left out, counted in `n_empty`, and
    said in an EmptyRowWarning. Nothing is filled in: what is missing stays so (Rubin,
    1976).

    Parameters
    ----------
    responses : DataFrame or array, shape (n_persons, n_items)
        Numbers, NaN (or None) where unanswered; with `ordinal`, whole numbers.
    min_items, min_persons : int
        The fewest that the caller's method can use.
    ordinal : bool
        Refuse fractions: the answers are codes of ordered categories.
    more_persons_than_items : bool
        Refuse a table with fewer persons than items.
    varying : bool
        Refuse an item that nobody answered or that all answered alike; scoring
        one person's answers does not need this.
    keep_empty : bool
        Keep rows without any answer, for what gives each row a line of its own.
    codes_stated : bool
        The caller was told which codes are answers: none is remarked on.

    Returns
    -------
    Responses
        `values`, floats, n_persons x n_items, NaN where unanswered; `codes`, from 0 and
        -1 where unanswered; `items`, `persons`, `missing` and the counts of them.

    Warns
    -----
    EmptyRowWarning
        Rows without any answer are left out.
    UnstatedCodeWarning
        A code stands apart from the others, as 9 beside 1 to 5 does: a blank, a slip
        of the keyboard, or an answer. It is used as it came.

    Raises
    ------
    InvalidResponses
        Two columns of one name, text, infinities, fractions among ordinal codes,
        an item nobody answered or all answered alike, or too few persons or
        items. The message names the item and says what would do.

    Examples
    --------
    >>> import pandas as pd
    >>> checked = check_responses(
    ...     pd.DataFrame({"calm": [1, 2, None, 3], "safe": [2, 2, 1, 3]})
    ... )
    >>> checked.n_persons, checked.n_items, int(checked.missing.sum())
    (4, 2, 1)
    """
    frame = _as_frame(responses)
    _check_shape(frame, min_items, min_persons, more_persons_than_items)
    values = _as_floats(frame)
    for item, column in zip(frame.columns, values.T):
        _check_item(item, column, ordinal, varying)
    checked = Responses(values, frame.columns, frame.index)
    if not keep_empty:
        checked = _without_nobody(checked)
        _check_persons(checked, min_persons, more_persons_than_items)
    _tell(checked, codes_stated)
    return checked


def _without_nobody(checked: Responses) -> Responses:
    """Leave out the rows that hold no answer."""
    counted = np.asarray(~checked.missing.all(axis=1))
    if counted.all():
        return checked
    persons = checked.persons[counted]
    return Responses(checked.values[counted], checked.items, persons, counted)


def _check_persons(
    checked: Responses, min_persons: int, more_persons_than_items: bool
) -> None:
    """Refuse a table that had rows enough and has too few persons."""
    if not checked.n_empty:
        return
    n_rows = checked.n_persons + checked.n_empty
    least = checked.n_items if more_persons_than_items else 0
    if checked.n_persons < max(min_persons, least):
        raise InvalidResponses(
            f"{checked.n_persons} of {n_rows} rows hold an answer; at "
            f"least {max(min_persons, least)} persons are needed"
        )


def _tell(checked: Responses, codes_stated: bool) -> None:
    for note in checked.notes():
        warnings.warn(note, EmptyRowWarning, stacklevel=4)
    if not codes_stated:
        warn_of_codes(checked, stacklevel=5)


def warn_of_codes(checked: Responses, *, stacklevel: int = 3) -> None:
    """Warn of each code that leaves a hole beside the others, as a 9 beside 1 to 5.

    `stacklevel` is that of `warnings.warn`: 3 is who called the one that calls this.
    """
    for code, items, low, high in codes_apart(checked.values, checked.items):
        listed = ", ".join(map(str, items[:5])) + (" ..." if len(items) > 5 else "")
        warnings.warn(
            f"{code} stands beside {low} to {high} in {listed}: put NaN in its place "
            "if it means no answer; here it counts as one",
            UnstatedCodeWarning,
            stacklevel=stacklevel,
        )


def check_items_once(scales: Scales, *, one_scale: bool = False) -> None:
    """Refuse an item that a scale names twice, or with `one_scale` another one too.

    Parameters
    ----------
    scales : dict of str to sequence of str
    one_scale : bool
        An item may be of one scale only.

    Raises
    ------
    InvalidResponses
        Naming the item and where it stands.
    """
    home: dict[Label, str] = {}
    for name, items in scales.items():
        for place, item in enumerate(items):
            if item in list(items)[:place]:
                raise InvalidResponses(
                    f"item {item} stands twice in scale {name}; name it once"
                )
            if one_scale and item in home:
                raise InvalidResponses(
                    f"item {item} stands in the scales {home[item]} and {name}; leave "
                    "it in one of them"
                )
        home |= dict.fromkeys(items, name)


def check_groups_vary(
    values: np.ndarray, places: np.ndarray, labels: Sequence[Label], items: pd.Index
) -> None:
    """Refuse an item that all of one group answered alike, and name the group.

    Parameters
    ----------
    values : float array, shape (n_persons, n_items)
        NaN where unanswered.
    places : int array, shape (n_persons,)
        Each person's group, as a place in `labels`.
    labels : sequence
    items : Index

    Raises
    ------
    InvalidResponses
        An item has one category in use within a group.
    """
    for place, label in enumerate(labels):
        for item, column in zip(items, values[places == place].T):
            answered = column[~np.isnan(column)]
            if len(answered) and (answered == answered[0]).all():
                raise InvalidResponses(
                    f"item {item}: nobody in group {label} used another category than "
                    f"{answered[0]:g}, so it says nothing there; leave it out of "
                    "comparisons with that group, or join groups"
                )


def _as_frame(responses: AnswerTable | Responses) -> pd.DataFrame:
    if isinstance(responses, Responses):
        return responses.to_frame()
    if isinstance(responses, pd.DataFrame):
        return responses
    array = np.asarray(responses)
    if array.ndim != 2:
        raise InvalidResponses(
            f"responses have {counted(array.ndim, 'dimension')}; "
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
        raise InvalidResponses(
            f"{counted(n_items, 'item')} given; at least {min_items} needed"
        )
    if n_persons < min_persons:
        raise InvalidResponses(
            f"{counted(n_persons, 'person')} given; at least {min_persons} needed"
        )
    if more_persons_than_items and n_persons < n_items:
        raise InvalidResponses(
            f"{n_persons} persons and {n_items} items; "
            "more persons than items are needed (is the table turned round?)"
        )


def _as_floats(frame: pd.DataFrame) -> np.ndarray:
    for item in frame.columns:
        if frame[item].dtype.kind in "mMc":
            raise InvalidResponses(
                f"item {item} holds days, times or complex numbers, such as "
                f"{frame[item].iloc[0]}; give numbers"
            )
        if not pd.api.types.is_numeric_dtype(frame[item]):
            numbers = pd.to_numeric(frame[item], errors="coerce")
            words = frame[item][numbers.isna() & frame[item].notna()]
            if len(words):
                raise InvalidResponses(
                    f"item {item} has {words.iloc[0]!r} at row {words.index[0]}; "
                    "give numbers, and leave missing answers empty"
                )
    if not all(isinstance(d, np.dtype) and d.kind in "biuf" for d in frame.dtypes):
        # words are refused above, so only what marks a missing answer is coerced
        frame = frame.apply(pd.to_numeric, errors="coerce")
    return frame.to_numpy(dtype=float, na_value=np.nan)


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
