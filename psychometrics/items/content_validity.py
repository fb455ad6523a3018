"""Content validity from raters: relevance, clarity, agreement beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import comb, ndtri

from ..annotations import Axes, PerPerson
from ..errors import InvalidOption, InvalidResponses
from ..figures import dots, finish, name_rows, spread
from ..options import check_level
from ..responses import check_responses
from ..results import Result, axes
from ..score_column import score_column
from ..scores.intervals import proportion_interval
from ..scores.paired_scores import in_order_of

SUFFICIENT = 0.85  # share of raters an item needs (this measure's own stage 0)
EXCELLENT, GOOD, FAIR = 0.74, 0.60, 0.40  # modified kappa, Polit et al. (2007)


@dataclass(frozen=True, eq=False, kw_only=True)
class ContentValidity(Result):
    """Ratings of items by experts, lived-experience or professional.

    Attributes
    ----------
    items : DataFrame, one row for each item
        n_raters, n_agree, i_cvi with interval, kappa and its verdict, aiken_v with
        interval, critical_cvi, and whether the item is flagged.
    s_cvi_ave, s_cvi_ua : float
        Mean of the item indices, and share of items on which all raters agree.
    share_sufficient : float
        Share of items that at least 85 % of raters agree on.
    by_group : DataFrame or None
        I-CVI of each item by group of raters.
    """

    _headline = ("s_cvi_ave", "s_cvi_ua", "items=items.index")

    items: pd.DataFrame
    s_cvi_ave: float
    s_cvi_ua: float
    share_sufficient: float
    by_group: pd.DataFrame | None
    aspect: str
    categories: tuple
    agree_from: int
    level: float

    @property
    def flagged(self) -> list[str]:
        """Items below the critical index or below 85 % of raters."""
        return self.items.index[self.items["flagged"]].tolist()

    def to_frame(self) -> pd.DataFrame:
        if self.by_group is None:
            return self.items
        return self.items.join(self.by_group.add_prefix("i_cvi_"))

    def _about(self) -> Sequence[str]:
        low, high = self.categories
        return (
            f"{self.aspect.capitalize()} on {low}-{high}, agreement from "
            f"{self.agree_from}: S-CVI/Ave {self.s_cvi_ave:.2f}, "
            f"S-CVI/UA {self.s_cvi_ua:.2f}; {self.share_sufficient:.0%} of "
            f"{len(self.items)} items have 85 % of raters behind them.",
        )

    def _caveats(self) -> Sequence[str]:
        few = self.items["n_raters"].min()
        notes = [f"Flagged: {', '.join(map(str, self.flagged))}."] * bool(self.flagged)
        if few < 6:
            notes.append(
                f"An item has {few} raters; with fewer than six all must agree."
            )
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each item's Aiken's V with its interval."""
        ax, items = axes(ax, rows=len(self.items)), self.items
        reach = spread(items["aiken_v"], items["v_lower"], items["v_upper"])
        dots(ax, name_rows(ax, items.index), items["aiken_v"], reach)
        ax.set_xlim(0, 1)
        title = f"{self.aspect.capitalize()} of {len(items)} items, by raters"
        return finish(ax, title, x=f"Aiken's V, {self.level:.0%} interval")


def content_validity(
    ratings: pd.DataFrame,
    *,
    categories: tuple[int, int] = (1, 4),
    agree_from: int | None = None,
    groups: PerPerson | None = None,
    aspect: str = "relevance",
    level: float = 0.95,
) -> ContentValidity:
    """Content validity indices of items (Polit, Beck & Owen, 2007) and Aiken's V.

    I-CVI is the share of raters at `agree_from` or above; the modified kappa takes out
    the chance that so many agree by tossing coins; S-CVI/Ave and S-CVI/UA are the mean
    I-CVI and the share of items with an I-CVI of 1. Aiken's (1985) V uses the whole
    scale, with the score interval of Penfield & Giacobbi (2004).

    Parameters
    ----------
    ratings : DataFrame, shape (n_raters, n_items)
        Whole numbers within `categories`, NaN where a rater passed an item over.
    categories : (int, int)
        Lowest and highest rating that could be given.
    agree_from : int, optional
        The lowest rating that counts as agreement; without it the first above
        the middle (3 on 1-4).
    groups : Series or array, shape (n_raters,), optional
        Kind of rater, for indices of each kind; a Series is matched by label.
    aspect : str
        What was rated: relevance, clarity, comprehensiveness.
    level : float in (0, 1)
        Coverage of the intervals.

    Returns
    -------
    ContentValidity
        `to_frame()` has one row an item: I-CVI, modified kappa, Aiken's V and its
        interval.

    Raises
    ------
    InvalidResponses
        A rating outside `categories`, or an item that nobody rated.

    Notes
    -----
    An item is flagged below Lynn's (1986) critical index, 1 for up to five raters
    and .78 from six, or below 85 % of raters.

    Examples
    --------
    >>> import pandas as pd
    >>> ratings = pd.DataFrame({"calm": [4, 4, 3, 4, 3, 4], "safe": [4, 2, 3, 1, 2, 4]})
    >>> found = content_validity(ratings).to_frame()
    >>> found["i_cvi"].tolist()
    [1.0, 0.5]
    """
    check_level(level)
    table = check_responses(
        ratings,
        min_items=1,
        min_persons=2,
        more_persons_than_items=False,
        varying=False,
        keep_empty=True,
        codes_stated=True,
    ).to_frame()
    _check_range(table, categories)
    low, high = categories
    agree_from = low + (high - low) // 2 + 1 if agree_from is None else agree_from
    items = pd.DataFrame(
        [
            _item_row(column, categories, agree_from, level)
            for _, column in table.items()
        ],
        index=table.columns,
    )
    by_group = None
    if groups is not None:
        labels = np.asarray(in_order_of(ratings, groups))
        agreed = (table >= agree_from).where(table.notna()).astype(float)
        by_group = agreed.groupby(labels).mean().T
    return ContentValidity(
        items=items,
        s_cvi_ave=float(items["i_cvi"].mean()),
        s_cvi_ua=float((items["i_cvi"] == 1).mean()),
        share_sufficient=float((items["i_cvi"] >= SUFFICIENT).mean()),
        by_group=by_group,
        aspect=aspect,
        categories=tuple(categories),
        agree_from=agree_from,
        level=level,
    )


def _check_range(table: pd.DataFrame, categories: tuple[int, int]) -> None:
    low, high = categories
    for item, column in table.items():
        if column.notna().sum() == 0:
            raise InvalidResponses(f"item {item} was rated by nobody; leave it out")
        strange = column[(column < low) | (column > high)]
        if len(strange):
            raise InvalidResponses(
                f"item {item} has {strange.iloc[0]:g} from rater {strange.index[0]}; "
                f"ratings run from {low} to {high}"
            )


def _item_row(
    column: pd.Series, categories: tuple[int, int], agree_from: int, level: float
) -> dict[str, float | str]:
    given = column.dropna()
    n, n_agree = len(given), int((given >= agree_from).sum())
    i_cvi = n_agree / n
    share = proportion_interval(n_agree, n, level=level)
    chance = comb(n, n_agree) / 2.0**n
    kappa = float((i_cvi - chance) / (1 - chance))
    v, v_lower, v_upper = aikens_v(given, categories, level=level)
    critical = 1.0 if n <= 5 else 0.78
    return {
        "n_raters": n,
        "n_agree": n_agree,
        "i_cvi": i_cvi,
        "cvi_lower": share["lower"],
        "cvi_upper": share["upper"],
        "kappa": kappa,
        "verdict": _verdict(kappa),
        "aiken_v": v,
        "v_lower": v_lower,
        "v_upper": v_upper,
        "critical_cvi": critical,
        "flagged": i_cvi < critical or i_cvi < SUFFICIENT,
    }


def _verdict(kappa: float) -> str:
    bands = ((EXCELLENT, "excellent"), (GOOD, "good"), (FAIR, "fair"))
    return next((word for bound, word in bands if kappa >= bound), "poor")


def aikens_v(
    ratings: PerPerson, categories: tuple[int, int], *, level: float = 0.95
) -> pd.Series:
    """Aiken's (1985) V of one item with the score interval, as a Series.

    V = (mean - lowest) / (highest - lowest); the interval treats the n * k steps
    that could be given as trials (Penfield & Giacobbi, 2004, eq. 3 and 4).

    Parameters
    ----------
    ratings : array, shape (n_raters,)
        Whole numbers within `categories`; NaN are left out.
    categories : (int, int)
        Lowest and highest rating that could be given.
    level : float
        Of the interval, inside (0, 1).

    Returns
    -------
    Series
        The value between 0 and 1, and the ends of its interval.

    Raises
    ------
    InvalidOption
        The lowest category is not below the highest.
    InvalidResponses
        No rating, or one outside `categories`.

    Examples
    --------
    >>> aikens_v([4, 4, 3, 4], (1, 4)).round(2).tolist()
    [0.92, 0.65, 0.99]
    """
    check_level(level)
    given = score_column(ratings, "ratings")
    given = given[~np.isnan(given)]
    low, high = categories
    if low >= high:
        raise InvalidOption(f"categories are {categories}; give the lowest first")
    if not len(given) or given.min() < low or given.max() > high:
        raise InvalidResponses(
            f"{len(given)} ratings, not all from {low} to {high}; give at least one, "
            "or the categories that could be chosen"
        )
    if (given % 1 != 0).any():
        raise InvalidResponses(
            f"a rating is {given[given % 1 != 0][0]:g}; give whole numbers"
        )
    v = (given.mean() - low) / (high - low)
    trials, z = len(given) * (high - low), ndtri((1 + level) / 2)
    middle = 2 * trials * v + z**2
    half = z * np.sqrt(4 * trials * v * (1 - v) + z**2)
    scale = 2 * (trials + z**2)
    lower = (middle - half) / scale if v > 0 else 0.0
    upper = (middle + half) / scale if v < 1 else 1.0
    return pd.Series({"v": v, "lower": lower, "upper": upper})
