"""Hypotheses about a measure, stated before and judged after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtrc, ndtri

from ..annotations import Axes, Label, PerPerson
from ..counted import counted
from ..errors import InvalidResponses
from ..figures import PALE, dots, finish, name_rows, spread
from ..options import check_level
from ..results import Result, axes
from ..score_column import score_column
from ..variation import differ
from .paired_scores import in_order_of

ENOUGH = 0.75  # share of hypotheses that COSMIN asks to be confirmed


@dataclass(frozen=True, eq=False, kw_only=True)
class HypothesesResult(Result):
    """Each hypothesis with what was expected, what was found, and the verdict.

    Attributes
    ----------
    table : DataFrame
        expected_low, expected_high, found, is_confirmed; low, high where intervals
        of what was found were given, and then is_certain: the interval lies
        wholly inside or wholly outside the expectation.
    """

    _headline = ("table.is_confirmed",)

    table: pd.DataFrame

    @property
    def share_confirmed(self) -> float:
        return float(self.table["is_confirmed"].mean())

    @property
    def is_sufficient(self) -> bool:
        """Whether at least 75 % are confirmed (COSMIN)."""
        return self.share_confirmed >= ENOUGH

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        confirmed, n = int(self.table["is_confirmed"].sum()), len(self.table)
        verdict = "sufficient" if self.is_sufficient else "not sufficient"
        return (
            f"{confirmed} of {n} hypotheses confirmed ({self.share_confirmed:.0%}): "
            f"{verdict}",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what was found, with its interval, over the range that was expected."""
        table = self.table
        ax = axes(ax, rows=len(table))
        at = name_rows(ax, table.index, what="hypothesis")
        low, high = (
            table["expected_low"].clip(lower=-1),
            table["expected_high"].clip(upper=1),
        )
        ax.barh(at, high - low, left=low, color=PALE, label="expected range")
        reach = None
        if "low" in table:
            reach = spread(table["found"], table["low"], table["high"])
        words = ("confirmed", "not confirmed")
        failed = ~table["is_confirmed"].astype(bool)
        dots(ax, at, table["found"], reach, flags=failed, words=words)
        title = f"{(~failed).sum()} of {len(table)} hypotheses confirmed"
        return finish(ax, title, x="found, in the units of the hypothesis", key=True)


def judge_hypotheses(
    expected: pd.DataFrame, found: pd.Series, *, intervals: pd.DataFrame | None = None
) -> HypothesesResult:
    """Set hypotheses stated beforehand against what was found (de Vet et al., 2011).

    Parameters
    ----------
    expected : DataFrame, shape (n_hypotheses, 2)
        One row a hypothesis, its text as the index; columns low and high bound
        what would confirm it (a correlation, an effect size, an AUC). NaN for an
        open end.
    found : Series, shape (n_hypotheses,)
        The figure for each hypothesis, by the same index.
    intervals : DataFrame, shape (n_hypotheses, 2), optional
        Columns low and high of each figure found.

    Returns
    -------
    HypothesesResult
        One row a hypothesis: what was expected, what was found, the verdict.

    Raises
    ------
    InvalidResponses
        A hypothesis without a figure, or whose bounds are open or turned round.

    Examples
    --------
    >>> import pandas as pd
    >>> expected = pd.DataFrame({"low": [0.5], "high": [None]}, ["with trust"])
    >>> result = judge_hypotheses(expected, pd.Series({"with trust": 0.61}))
    >>> result.to_frame().index.tolist()
    ['with trust']
    """
    absent = expected.index.difference(found.dropna().index)
    if len(absent):
        raise InvalidResponses(f"nothing was found for hypothesis {absent[0]!r}")
    low = expected["low"].astype(float).fillna(-np.inf)
    high = expected["high"].astype(float).fillna(np.inf)
    empty = (low > high) | (np.isinf(low) & np.isinf(high))
    if empty.any():
        name, start, end = expected.index[empty][0], *low[empty][:1], *high[empty][:1]
        raise InvalidResponses(
            f"hypothesis {name!r} expects {start:g} to {end:g}; "
            "give a low below a high, one of them finite"
        )
    found = found.reindex(expected.index).astype(float)
    table = pd.DataFrame(
        {
            "expected_low": low,
            "expected_high": high,
            "found": found,
            "is_confirmed": (found >= low) & (found <= high),
        }
    )
    if intervals is not None:
        bounds = intervals.reindex(expected.index)[["low", "high"]].astype(float)
        within = (bounds["low"] >= low) & (bounds["high"] <= high)
        outside = (bounds["high"] < low) | (bounds["low"] > high)
        table = table.join(bounds).assign(is_certain=within | outside)
    return HypothesesResult(table=table)


@dataclass(frozen=True, eq=False, kw_only=True)
class KnownGroupsResult(Result):
    """Scores of groups that should differ.

    Attributes
    ----------
    groups : DataFrame
        n, mean, sd of each group, in the order given.
    pairs : DataFrame
        One row a pair (group, other): difference of means (group minus other),
        hedges_g, low, high.
    F, df1, df2, p : float
        Welch's test that all means are equal.
    is_in_order : bool or None
        Whether means fall in the order expected, where one was given.
    level : float
    """

    _headline = ("F", "df1", "df2", "p")

    groups: pd.DataFrame
    pairs: pd.DataFrame
    F: float
    df1: float
    df2: float
    p: float
    is_in_order: bool | None
    level: float

    def to_frame(self) -> pd.DataFrame:
        return self.pairs

    def _about(self) -> Sequence[str]:
        means = ", ".join(f"{g} {m:.3g}" for g, m in self.groups["mean"].items())
        return (
            f"means: {means}; Welch F({self.df1:g}, {self.df2:.1f}) = {self.F:.2f}, "
            f"p = {self.p:.3g}",
        )

    def _caveats(self) -> Sequence[str]:
        if self.is_in_order is None:
            return ()
        order = " > ".join(map(str, self.groups.index))
        verdict = "in" if self.is_in_order else "not in"
        return (f"means are {verdict} the expected order {order}",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each group's mean with its interval."""
        ax = axes(ax, rows=len(self.groups))
        reach = ndtri((1 + self.level) / 2) * self.groups["sd"]
        reach = reach / np.sqrt(self.groups["n"])
        names = [f"{name} (n = {n})" for name, n in self.groups["n"].items()]
        at = name_rows(ax, names, what="group")
        dots(ax, at, self.groups["mean"], [reach, reach], capsize=3)
        title = (
            f"Known groups: Welch F({self.df1:g}, {self.df2:.1f}) = {self.F:.2f}, "
            f"p = {self.p:.2g}"
        )
        return finish(ax, title, x=f"mean score, {self.level:.0%} interval")


def known_groups(
    scores: PerPerson,
    groups: PerPerson,
    *,
    expected_order: Sequence[Label] | None = None,
    level: float = 0.95,
) -> KnownGroupsResult:
    """Compare groups whose scores are known to differ.

    Hedges' g of each pair with its large-sample interval (Hedges & Olkin, 1985),
    and Welch's (1951) test of all means, which allows unequal variances.

    Parameters
    ----------
    scores : Series or array, shape (n,)
        NaN where missing.
    groups : Series or array, shape (n,)
        Group of each person; Series are matched by label.
    expected_order : list, optional
        Groups from the highest expected mean to the lowest; others are left out.
    level : float
        Of the intervals, inside (0, 1).

    Returns
    -------
    KnownGroupsResult
        `pairs` with Hedges' g and its interval, and Welch's `F`, `df1`, `df2` and `p`.

    Raises
    ------
    InvalidResponses
        Fewer than two groups, or a group with fewer than two scores or without
        variation.

    Examples
    --------
    >>> found = known_groups([9, 8, 7, 3, 4, 2], list("aaabbb"))
    >>> found.pairs["hedges_g"].tolist()
    [4.0]
    """
    check_level(level)
    frame = _grouped(scores, groups)
    order = expected_order or sorted(frame["group"].unique(), key=str)
    if len(order) < 2:
        raise InvalidResponses(
            f"{counted(len(order), 'group')} found; a comparison needs two"
        )
    members = [frame.loc[frame["group"] == name, "score"] for name in order]
    for name, values in zip(order, members):
        if len(values) < 2 or not differ(values.to_numpy()):
            raise InvalidResponses(
                f"group {name} has {counted(len(values), 'score')}, or all alike; "
                "it needs two that differ"
            )
    table = pd.DataFrame(
        {
            "n": [len(values) for values in members],
            "mean": [values.mean() for values in members],
            "sd": [values.std() for values in members],
        },
        index=pd.Index(list(order), name="group"),
    )
    rows = [
        _pair(table, a, b, level) for k, a in enumerate(order) for b in order[k + 1 :]
    ]
    in_order = None
    if expected_order:
        in_order = bool((np.diff(table["mean"]) < 0).all())
    f, df1, df2, p = _welch(table)
    return KnownGroupsResult(
        groups=table,
        pairs=pd.DataFrame(rows),
        F=f,
        df1=df1,
        df2=df2,
        p=p,
        is_in_order=in_order,
        level=level,
    )


def _grouped(scores: PerPerson, groups: PerPerson) -> pd.DataFrame:
    groups = in_order_of(scores, groups)
    score, group = score_column(scores, one_each=False), np.asarray(groups, object)
    if score.shape != group.shape or score.ndim != 1:
        raise InvalidResponses(
            f"scores and groups have shapes {score.shape} and {group.shape}; give "
            "two columns of one length"
        )
    return pd.DataFrame({"score": score, "group": group}).dropna()


def _pair(
    table: pd.DataFrame, a: Label, b: Label, level: float
) -> dict[str, float | Label]:
    both = table.reindex([a, b])  # by label even where labels are True and False
    n, mean, sd = both[["n", "mean", "sd"]].to_numpy(float).T
    df = n.sum() - 2
    pooled = np.sqrt(((n - 1) * sd**2).sum() / df)
    g = (mean[0] - mean[1]) / pooled * (1 - 3 / (4 * df - 1))
    se = np.sqrt(n.sum() / n.prod() + g**2 / (2 * n.sum()))
    reach = ndtri((1 + level) / 2) * se
    return {
        "group": a,
        "other": b,
        "difference": mean[0] - mean[1],
        "hedges_g": g,
        "low": g - reach,
        "high": g + reach,
    }


def _welch(table: pd.DataFrame) -> tuple[float, float, float, float]:
    """Return F, df1, df2 and p of Welch's test of equal means."""
    k, weight = len(table), table["n"] / table["sd"] ** 2
    grand = (weight * table["mean"]).sum() / weight.sum()
    between = (weight * (table["mean"] - grand) ** 2).sum() / (k - 1)
    spread = ((1 - weight / weight.sum()) ** 2 / (table["n"] - 1)).sum()
    f_value = between / (1 + 2 * (k - 2) / (k**2 - 1) * spread)
    df2 = (k**2 - 1) / (3 * spread)
    p = fdtrc(k - 1, df2, f_value)
    return float(f_value), float(k - 1), float(df2), float(p)
