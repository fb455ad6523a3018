"""The model's items, split by group, with missing answers dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...errors import InvalidResponses
from ...responses import check_groups_vary, check_responses
from .clusters import Clusters, read_clusters


@dataclass(frozen=True, eq=False)
class GroupedAnswers:
    """What is fitted.

    Attributes
    ----------
    items : tuple of str
    values : list of arrays
        One group's answers each, persons x items, NaN where unanswered.
    labels : tuple
        The groups, in order of appearance.
    categories : tuple of arrays
        The codes of each item over all groups.
    clusters : Clusters or None
        Of all persons, the groups stacked.
    ordinal : bool
    """

    items: tuple
    values: list
    labels: tuple
    categories: tuple
    clusters: Clusters | None
    ordinal: bool

    @property
    def has_missing(self) -> bool:
        return any(np.isnan(rows).any() for rows in self.values)

    @property
    def t_df(self) -> float:
        return self.clusters.t_df if self.clusters else np.inf

    @property
    def n_thresholds(self) -> dict[str, int]:
        return {item: len(used) - 1 for item, used in zip(self.items, self.categories)}

    def n_moments(self, has_means: bool) -> int:
        p = len(self.items)
        if self.ordinal:
            each = sum(self.n_thresholds.values()) + p * (p - 1) // 2
        else:
            each = p * (p + 1) // 2 + (p if has_means else 0)
        return len(self.labels) * each


def group_answers(
    items: Sequence[str],
    responses: np.ndarray | pd.DataFrame,
    *,
    groups: np.ndarray | pd.Series | str | None = None,
    clusters: np.ndarray | pd.Index | pd.Series | str | None = None,
    ordinal: bool,
    listwise: bool,
    correction: str = "cr2",
) -> GroupedAnswers:
    """Return the GroupedAnswers of a model's items.

    Parameters
    ----------
    items : tuple of str
    responses : DataFrame or array, shape (n_persons, n_columns)
    groups, clusters : str or Series, optional
    listwise : bool
        Keep persons who answered every item; otherwise who answered any.

    Raises
    ------
    InvalidResponses
        A column that is not there, a person without group or cluster, numbers among
        ordinal items, a category that a group never used, or two clusters.
    """
    frame = _frame(responses, items)
    if ordinal:
        _refuse_mixture(frame[list(items)])
    checked = check_responses(frame[list(items)], min_items=1, ordinal=ordinal)
    used = np.ones(checked.n_persons, bool)
    if listwise:
        used = ~checked.missing.any(axis=1)
    if not used.any():
        raise InvalidResponses(
            f"none of {len(used)} persons answered every item, and this estimator "
            "takes no others; ml, mlr and wlsmv use what each person answered"
        )
    kept = checked.rows[used]
    places, labels = pd.factorize(_column(frame, groups, "groups")[kept])
    order = np.argsort(places, kind="stable")
    ends = np.cumsum(np.bincount(places))[:-1]
    values = np.split(checked.values[used][order], ends)
    if len(labels) > 1:
        check_groups_vary(checked.values[used], places, labels, pd.Index(items))
    if ordinal and len(labels) > 1:
        _refuse_unused(items, values, labels, checked.categories)
    if clusters is not None:
        named = _column(frame, clusters, "clusters")[kept][order]
        clusters = _enough(read_clusters(named, frame.index[kept][order], correction))
    return GroupedAnswers(
        items, values, tuple(labels), checked.categories, clusters, ordinal
    )


def _frame(responses: np.ndarray | pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    frame = responses
    if not hasattr(responses, "columns"):
        frame = check_responses(responses, ordinal=False).to_frame()
    absent = [item for item in items if item not in frame.columns]
    if absent:
        raise InvalidResponses(
            f"the model names {absent[0]}, which is no column of the responses"
        )
    return frame


def _refuse_mixture(frame: pd.DataFrame) -> None:
    """Whole codes and other numbers in one ordinal model: say what would do."""
    floats = frame.select_dtypes("float")
    values = floats.to_numpy(float, na_value=np.nan)
    is_fraction = (values != np.rint(values)) & ~np.isnan(values)
    fractional = list(floats.columns[is_fraction.any(axis=0)])
    if fractional and len(fractional) < frame.shape[1]:
        raise InvalidResponses(
            f"item {fractional[0]} has fractions beside ordinal items; the two are not "
            "mixed in one model: cut it into categories, or fit all by 'mlr'"
        )


def _refuse_unused(
    items: Sequence[str],
    values: Sequence[np.ndarray],
    labels: np.ndarray,
    categories: Sequence[np.ndarray],
) -> None:
    for rows, label in zip(values, labels):
        for item, own, used in zip(items, rows.T, categories):
            if np.isnan(own).all():
                raise InvalidResponses(
                    f"item {item} was answered by 0 persons of group {label}; leave it "
                    "out or join groups"
                )
            empty = np.setdiff1d(used, own[~np.isnan(own)])
            if len(empty):
                raise InvalidResponses(
                    f"item {item}: nobody in group {label} used category {empty[0]}; "
                    "join it with its neighbour in all groups"
                )


def _enough(clusters: Clusters) -> Clusters:
    if clusters.correction == "cr2" and clusters.n_clusters < 3:
        raise InvalidResponses(
            "2 clusters; corrected errors need three and are good from ten "
            "(correction='none' gives the uncorrected ones)"
        )
    return clusters


def _column(
    frame: pd.DataFrame,
    labels: np.ndarray | pd.Index | pd.Series | str | None,
    what: str,
) -> np.ndarray:
    if labels is None:
        return np.zeros(len(frame), dtype=int)
    if isinstance(labels, str):
        if labels not in frame.columns:
            raise InvalidResponses(f"{what}={labels!r} is no column of the responses")
        labels = frame[labels]
    series = pd.Series(np.asarray(labels), index=getattr(labels, "index", frame.index))
    if len(series) != len(frame):
        raise InvalidResponses(f"{len(series)} {what} for {len(frame)} persons")
    series = series.reindex(frame.index) if series.index.is_unique else series
    if series.isna().any():
        raise InvalidResponses(f"person {series.index[series.isna()][0]} has no {what}")
    return series.to_numpy()
