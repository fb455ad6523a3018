"""What each item's answers look like, before any model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..figures import Style, finish, name_rows
from ..responses import check_responses
from ..results import Result, axes


@dataclass(frozen=True, eq=False, kw_only=True)
class ItemDescription(Result):
    """One row an item, and how often each category was chosen.

    Attributes
    ----------
    frame : DataFrame, shape (n_items, ...)
        n, missing, mean, sd, median, skew, kurtosis, floor and ceiling (shares of
        those who answered, 0 to 1), item_rest (NaN below three complete rows).
    frequencies : DataFrame, shape (n_items, n_categories)
        Counts of each code between `lowest` and `highest`.
    n_persons : int
    kind : int
        The type of skewness and kurtosis (see `skewness`).
    """

    _headline = ("mean=frame.mean", "n_persons", "items=frame.index")

    frame: pd.DataFrame
    frequencies: pd.DataFrame
    n_persons: int
    kind: int

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def _about(self) -> Sequence[str]:
        return (
            f"{len(self.frame)} items, {self.n_persons} persons; "
            f"skew and kurtosis of type {self.kind}",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of each category, stacked and centred on the middle one."""
        ax = axes(ax, rows=len(self.frequencies))
        draw_likert(self.frequencies, ax)
        title = f"Answers of {self.n_persons} persons to {len(self.frame)} items"
        return finish(ax, title, key=True, key_title="answer")


def describe_items(
    responses: pd.DataFrame,
    *,
    lowest: int | None = None,
    highest: int | None = None,
    kind: int = 3,
) -> ItemDescription:
    """Describe each item: distribution, floor and ceiling, item-rest correlation.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Consecutive integer codes, NaN where unanswered.
    lowest, highest : int, optional
        The ends of the answer scale, which decide floor and ceiling; without them
        the lowest and highest code in the table.
    kind : {1, 2, 3}
        Type of skewness and kurtosis; see `skewness` (Joanes & Gill, 1998).

    Returns
    -------
    ItemDescription
        `item_rest` correlates an item with the sum of the others among the persons
        who answered all items, or by pairs of items where these are few (`item_rest`).

    Raises
    ------
    InvalidResponses
        As `check_responses`.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"calm": [1, 2, 2, 4], "safe": [1, 3, 4, 4]})
    >>> found = describe_items(answers).to_frame()
    >>> found.loc["safe", ["mean", "floor", "ceiling"]].tolist()
    [3.0, 0.25, 0.5]
    """
    checked = check_responses(
        responses,
        more_persons_than_items=False,
        codes_stated=lowest is not None and highest is not None,
    )
    lowest = int(np.nanmin(checked.values)) if lowest is None else lowest
    highest = int(np.nanmax(checked.values)) if highest is None else highest
    answered = [column[~np.isnan(column)] for column in checked.values.T]
    frame = pd.DataFrame(
        {
            "n": [len(x) for x in answered],
            "missing": checked.missing.sum(axis=0),
            "mean": [x.mean() for x in answered],
            "sd": [x.std(ddof=1) for x in answered],
            "median": [np.median(x) for x in answered],
            "skew": [skewness(x, kind=kind) for x in answered],
            "kurtosis": [kurtosis(x, kind=kind) for x in answered],
            "floor": [(x == lowest).mean() for x in answered],
            "ceiling": [(x == highest).mean() for x in answered],
            "item_rest": item_rest(checked.values),
        },
        index=checked.items,
    )
    codes = range(lowest, highest + 1)
    counts = [[int((x == code).sum()) for code in codes] for x in answered]
    frequencies = pd.DataFrame(counts, index=checked.items, columns=list(codes))
    return ItemDescription(
        frame=frame, frequencies=frequencies, n_persons=checked.n_persons, kind=kind
    )


def skewness(values: np.ndarray, *, kind: int = 3) -> float:
    """Return the skewness of one variable, by one of three formulas.

    Parameters
    ----------
    values : array, shape (n,)
        Without missing values, not all alike.
    kind : {1, 2, 3}
        1: m3 / m2^1.5 with moments over n. 2: corrected for bias under normality,
        as SAS and SPSS print it; needs n > 2. 3: m3 / s^3 with s over n - 1
        (Joanes & Gill, 1998: g1, G1, b1).
    """
    n = len(values)
    deviations = values - np.mean(values)
    g1 = (deviations**3).mean() / (deviations**2).mean() ** 1.5
    factors = {
        1: 1.0,
        2: np.sqrt(n * (n - 1)) / (n - 2) if n > 2 else np.nan,
        3: ((n - 1) / n) ** 1.5,
    }
    return float(g1 * factors[kind])


def kurtosis(values: np.ndarray, *, kind: int = 3) -> float:
    """Return the excess kurtosis of one variable; kinds as in `skewness`.

    Kind 2 needs n > 3 (Joanes & Gill, 1998: g2, G2, b2).
    """
    n = len(values)
    deviations = values - np.mean(values)
    g2 = (deviations**4).mean() / (deviations**2).mean() ** 2 - 3
    if kind == 1:
        return float(g2)
    if kind == 3:
        return float((g2 + 3) * (1 - 1 / n) ** 2 - 3)
    if n < 4:
        return float("nan")
    return float(((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3)))


def item_rest(values: np.ndarray) -> np.ndarray:
    """Correlate each column with the sum of the others, among complete rows.

    Of fewer than three complete rows, or less than half as many as answered any two
    of the items, as of booklets, the covariances of pairs are taken: a few who met all
    items do not stand for the others. Returns NaN where the rest, or the item, does
    not vary, or two items were hardly ever answered together.
    """
    seen = (~np.isnan(values)).astype(float)
    complete = values[seen.all(axis=1)]
    if len(complete) < 3 or 2 * len(complete) < (seen.T @ seen).min():
        return _item_rest_of_pairs(values)
    centred = complete - complete.mean(axis=0)
    rest = centred.sum(axis=1, keepdims=True) - centred
    scale = np.sqrt((centred**2).sum(axis=0) * (rest**2).sum(axis=0))
    return (centred * rest).sum(axis=0) / np.where(scale > 0, scale, np.nan)


def _item_rest_of_pairs(values: np.ndarray) -> np.ndarray:
    """The same from covariances of those who answered both items of a pair."""
    covariance = pd.DataFrame(values).cov(min_periods=3).to_numpy()
    own = np.diag(covariance)
    shared = covariance.sum(axis=1)
    rest = covariance.sum() - 2 * shared + own
    if not np.isfinite(rest).all():
        return np.full(values.shape[1], np.nan)
    scale = np.sqrt(np.maximum(own * rest, 0.0))
    return (shared - own) / np.where(scale > 0, scale, np.nan)


def draw_likert(frequencies: pd.DataFrame, ax: Axes) -> Axes:
    """Draw stacked shares of categories, one bar an item, centred on the middle.

    Categories below the middle are hatched.

    Parameters
    ----------
    frequencies : DataFrame, shape (n_items, n_categories)
        Counts; columns in the order of the answer scale.
    ax : Axes
    """
    from matplotlib import colormaps

    shares = frequencies.div(frequencies.sum(axis=1), axis=0) * 100
    n_categories = shares.shape[1]
    middle = n_categories // 2
    left = -shares.iloc[:, :middle].sum(axis=1)
    if n_categories % 2:
        left = left - shares.iloc[:, middle] / 2
    at, shades = name_rows(ax, shares.index), colormaps["PuOr"]
    for k, category in enumerate(shares.columns):
        style: Style = {"color": shades((k + 0.5) / n_categories)}
        style |= {"edgecolor": "white", "hatch": "//" if k < middle else ""}
        ax.barh(at, shares[category], left=left, label=str(category), **style)
        left = left + shares[category]
    ax.axvline(0, color="0.2", linewidth=0.8)
    ax.set_xlabel("% of answers, centred on the middle of the scale")
    return ax
