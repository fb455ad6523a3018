"""Scale scores from 0 to 100 out of the items that apply to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes, PerItem, Scales
from ..errors import InvalidResponses
from ..figures import ORANGE, finish, stacked_bars
from ..responses import check_responses
from ..results import Result, axes
from .half_rule import has_enough_answers

METHOD = "mean_of_applicable_items_0_100"
VERSION = "1"
TOO_FEW = "too_few_answers"
NOTHING_APPLIES = "nothing_applies"
CODINGS = ("lowest", "structural", "missing")


@dataclass(frozen=True, eq=False, kw_only=True)
class CodedResponses(Result):
    """Answers and reasons as numbers, and which items apply to whom."""

    _headline = (
        "responses",
        "n_persons=responses.index.size",
        "n_items=responses.columns.size",
    )

    responses: pd.DataFrame  # persons x items
    applies: pd.DataFrame  # persons x items, bool

    def to_frame(self) -> pd.DataFrame:
        return self.responses

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of each answer to each item."""
        counts = self.responses.apply(lambda column: column.value_counts()).T.fillna(0)
        counts.columns = [f"{code:g}" for code in counts]
        ax = axes(ax, rows=len(counts))
        stacked_bars(ax, 100 * counts.div(counts.sum(axis=1), axis=0))
        title = f"Answers of {len(self.responses)} persons as they are scored"
        return finish(ax, title, y="item", key=True, key_title="answer")


@dataclass(frozen=True, eq=False, kw_only=True)
class ScaleScores(Result):
    """Scores of persons on scales, 0 (lowest) to 100, each a table persons x scales.

    `reason` is None where a score stands; elsewhere it says why there is none.
    """

    _headline = ("mean=values.mean", "scales=values.columns", "persons=values.index")

    values: pd.DataFrame
    se: pd.DataFrame
    n_answered: pd.DataFrame
    n_applies: pd.DataFrame
    reason: pd.DataFrame
    method: str = METHOD
    version: str = VERSION

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each person and scale."""
        columns = {
            name: getattr(self, name).stack(future_stack=True)
            for name in ("values", "se", "n_answered", "n_applies", "reason")
        }
        frame = pd.DataFrame(columns).rename(columns={"values": "value"})
        return frame.rename_axis(["person", "scale"])

    def _about(self) -> Sequence[str]:
        persons, scales = self.values.shape
        scored = int(self.values.notna().to_numpy().sum())
        return (
            f"{scored} scores of {persons} persons on {scales} scales, 0 to 100.",
            f"Method {self.method}, version {self.version}.",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a box for the scores of each scale."""
        ax = axes(ax, columns=3 * self.values.shape[1])
        kept = [column.dropna().to_numpy() for _, column in self.values.items()]
        names = [f"{name}\nn = {len(k)}" for name, k in zip(self.values.columns, kept)]
        ax.boxplot(
            kept, tick_labels=names, medianprops={"color": ORANGE, "linewidth": 2}
        )
        ax.set_ylim(-2, 102)
        title = f"Scores of {len(self.values)} persons (box: quartiles, line: median)"
        return finish(ax, title, x="scale", y="score, 0 to 100")


def score(
    responses: pd.DataFrame,
    scales: Scales,
    *,
    categories: Mapping[str, Sequence[int]],
    applies: pd.DataFrame | None = None,
    reasons: pd.DataFrame | None = None,
    coding: PerItem | None = None,
    sem: Mapping[str, float] | None = None,
    min_share: float = 0.5,
) -> ScaleScores:
    """Mean of the items that apply, rescaled to 0-100, by the half rule.

    Each answer becomes 100 (x - lowest) / (highest - lowest); a scale is the mean
    of its answered items, and stands where at least `min_share` of the items that
    apply to the person carry a category (the half rule: Fayers & Machin, 2016).
    One person is enough: nothing is estimated from the other rows.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Whole-number categories, NaN where there is none.
    scales : dict
        Name of a scale -> its item ids.
    categories : dict
        Item id -> (lowest, highest) category that could be chosen.
    applies : boolean DataFrame, shape (n_persons, n_items), optional
        False where an item does not apply to a person; without it all apply.
    reasons, coding : optional
        As in `code_reasons`, where reasons have not been coded yet.
    sem : dict, optional
        Scale -> standard error of measurement of its full length, in score points,
        from a validation study. Fewer answers widen it by sqrt(n_items / n_answered).
        Without it the standard error is that of a mean of the person's own answers,
        sd / sqrt(n_answered): NaN below two answers and where all are alike, since
        a variance of nought says nothing about error.
    min_share : float in (0, 1]
        Share of the items that apply that must carry a category.

    Returns
    -------
    ScaleScores
        Persons x scales: `values` on 0-100 (NaN without a score), `se`, `n_answered`,
        `n_applies` and the `reason` where there is none.

    Raises
    ------
    InvalidResponses
        A scale without items, an item without a column or a range, a category
        outside its range, or an answer to an item that does not apply.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"calm": [0, 4], "safe": [2, None], "heard": [4, None]})
    >>> ranges = dict.fromkeys(answers, (0, 4))
    >>> found = score(answers, {"trust": list(answers)}, categories=ranges)
    >>> found.values["trust"].tolist(), found.reason["trust"].tolist()
    ([50.0, nan], [None, 'too_few_answers'])
    """
    if reasons is not None:
        coded = code_reasons(responses, reasons, coding or {}, categories=categories)
        applies = coded.applies if applies is None else applies & coded.applies
        responses = coded.responses
    table = _check_table(responses, scales, categories)
    points = _percent(table, categories)
    open_to = _applies(applies, points)
    pieces = {
        name: _one_scale(points[list(items)], open_to[list(items)], min_share)
        for name, items in scales.items()
    }
    if sem is not None:
        for name, items in scales.items():
            piece = pieces[name]
            shorter = np.sqrt(len(items) / piece["n_answered"].clip(lower=1))
            piece["se"] = (sem[name] * shorter).where(piece["values"].notna())
    tables = {
        part: pd.DataFrame({name: pieces[name][part] for name in scales})
        for part in ("values", "se", "n_answered", "n_applies", "reason")
    }
    return ScaleScores(
        values=tables["values"],
        se=tables["se"],
        n_answered=tables["n_answered"],
        n_applies=tables["n_applies"],
        reason=tables["reason"],
    )


def code_reasons(
    responses: pd.DataFrame,
    reasons: pd.DataFrame,
    coding: PerItem,
    *,
    categories: Mapping[str, Sequence[int]],
) -> CodedResponses:
    """Turn each stated reason into a category, into missing, or into "does not apply".

    An answer that is missing and a question that does not apply are two things (de
    Leeuw, Hox & Huisman, 2003).

    Parameters
    ----------
    responses, reasons : DataFrame, shape (n_persons, n_items)
        Categories, NaN where there is none; and the reason's name, None where the
        item was answered or passed over in silence.
    coding : dict
        Reason -> "lowest", "structural" (the item does not apply to the person) or
        "missing"; or item id -> such a dict.
    categories : dict
        Item id -> (lowest, highest).

    Returns
    -------
    CodedResponses
        `responses` with what reasons count as, and `applies`, persons x items.

    Raises
    ------
    InvalidResponses
        A reason without a coding, or both a category and a reason in one cell.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"calm": [2, None, None]})
    >>> reasons = pd.DataFrame({"calm": [None, "did_not_happen", "not_wanted"]})
    >>> coding = {"did_not_happen": "lowest", "not_wanted": "structural"}
    >>> found = code_reasons(answers, reasons, coding, categories={"calm": (0, 4)})
    >>> found.responses["calm"].tolist(), found.applies["calm"].tolist()
    ([2.0, 0.0, nan], [True, True, False])
    """
    values = responses.astype(float)
    applies = pd.DataFrame(True, index=values.index, columns=values.columns)
    for item in reasons.columns:
        declared = coding.get(item, coding)
        for reason, where in _each_reason(reasons[item]):
            _check_reason(item, reason, declared, values.loc[where, item])
            if declared[reason] == "lowest":
                values.loc[where, item] = categories[item][0]
            elif declared[reason] == "structural":
                applies.loc[where, item] = False
    return CodedResponses(responses=values, applies=applies)


def _each_reason(column: pd.Series) -> Iterator[tuple[str, pd.Series]]:
    for reason in column.dropna().unique().tolist():
        if reason != "":
            yield reason, (column == reason)


def _check_reason(
    item: str,
    reason: str,
    declared: Mapping[str, Mapping[str, str] | str],
    answered: pd.Series,
) -> None:
    if declared.get(reason) not in CODINGS:
        raise InvalidResponses(
            f"item {item} has the reason {reason!r}, which is coded as "
            f"{declared.get(reason)!r}; declare one of {', '.join(CODINGS)}"
        )
    if answered.notna().any():
        row = answered.dropna().index.tolist()[0]
        raise InvalidResponses(
            f"item {item} at row {row} has a category and the reason {reason!r}; "
            "keep one of the two"
        )


def _check_table(
    responses: pd.DataFrame,
    scales: Scales,
    categories: Mapping[str, Sequence[int]],
) -> pd.DataFrame:
    items = list(dict.fromkeys(item for ids in scales.values() for item in ids))
    for name, ids in scales.items():
        if not len(ids):
            raise InvalidResponses(f"scale {name} has no items; name at least one")
    for item in items:
        if item not in responses.columns:
            raise InvalidResponses(f"item {item} has no column in the responses")
        if item not in categories:
            raise InvalidResponses(f"item {item} has no (lowest, highest) category")
    return check_responses(
        responses[items],
        min_items=1,
        min_persons=1,
        more_persons_than_items=False,
        varying=False,
        keep_empty=True,
        codes_stated=True,
    ).to_frame()


def _percent(
    table: pd.DataFrame, categories: Mapping[str, Sequence[int]]
) -> pd.DataFrame:
    lowest = np.array([categories[item][0] for item in table.columns], float)
    highest = np.array([categories[item][1] for item in table.columns], float)
    points = 100 * (table - lowest) / (highest - lowest)
    outside = (points < 0) | (points > 100)
    if outside.to_numpy().any():
        row, column = np.argwhere(outside.to_numpy())[0]
        item, value = table.columns[column], table.to_numpy(float)[row, column]
        person = table.index.tolist()[row]
        raise InvalidResponses(
            f"item {item} has {value:g} at row {person}; "
            f"its categories run from {lowest[column]:g} to {highest[column]:g}"
        )
    return points


def _applies(applies: pd.DataFrame | None, points: pd.DataFrame) -> pd.DataFrame:
    if applies is None:
        return points.notna() | True
    known = applies.reindex_like(points)
    open_to = known.isna() | known.eq(True)  # what is not said applies
    crossed = (points.notna() & ~open_to).to_numpy()
    if crossed.any():
        row, column = np.argwhere(crossed)[0]
        raise InvalidResponses(
            f"item {points.columns[column]} has an answer at row "
            f"{points.index[row]} but is said not to apply there; keep one of the two"
        )
    return open_to


def _one_scale(
    points: pd.DataFrame, open_to: pd.DataFrame, min_share: float
) -> dict[str, pd.Series]:
    n_answered, n_applies = points.notna().sum(axis=1), open_to.sum(axis=1)
    enough = has_enough_answers(n_answered, n_applies, min_share)
    spread = points.std(axis=1)
    se = (spread / np.sqrt(n_answered.clip(lower=1))).where(enough & (spread > 0))
    why = np.where(n_applies == 0, NOTHING_APPLIES, TOO_FEW).astype(object)
    why[enough.to_numpy()] = None
    return {
        "values": points.mean(axis=1).where(enough),
        "se": se,
        "n_answered": n_answered,
        "n_applies": n_applies,
        "reason": pd.Series(why, points.index),
    }
