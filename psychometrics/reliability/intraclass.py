"""Intraclass correlations of raters or occasions, also where ratings are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.special import fdtrc, fdtri

from ..annotations import Axes
from ..counted import counted
from ..errors import InvalidResponses, NotIdentified
from ..figures import bound, dots, finish, name_rows, spread
from ..options import check_level, check_option
from ..responses import Responses, check_responses, warn_of_codes
from ..results import Result, axes
from .rating_variances import RatingVariances, rating_variances

KINDS = ("ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k")
MISSING = ("complete", "reml")
MOST_CATEGORIES = 11  # of more different numbers they are scores and no categories
Bounds: TypeAlias = tuple[float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class ICCResult(Result):
    """Six intraclass correlations with intervals, and the variances behind them.

    Attributes
    ----------
    table : DataFrame, one row a coefficient
        icc, F, df1, df2, p, low, high. ICC1: raters differ from target to target.
        ICC2: raters are a sample, absolute agreement. ICC3: these raters only,
        consistency. With k: of the mean of all ratings.
    anova : DataFrame
        df, ss, ms of targets, raters, residual, and all within targets. Of
        ``missing="reml"`` the mean squares that the components lead one to expect.
    variance : Series
        Components of target, rater and error; negative ones as they came, and 0 where
        ``missing="reml"`` has one at its bound.
    n_targets, n_raters, n_left_out : int
    n_ratings : int
        Ratings that were used.
    level : float
    """

    _headline = ("table.icc.ICC2", "table.icc.ICC3", "n_targets", "n_raters")

    table: pd.DataFrame
    anova: pd.DataFrame
    variance: pd.Series
    n_targets: int
    n_raters: int
    n_left_out: int
    n_ratings: int
    level: float

    @property
    def sem_agreement(self) -> float:
        """Standard error of measurement, raters' differences counted as error."""
        return float(np.sqrt(max(self.variance["rater"], 0) + self.variance["error"]))

    @property
    def sem_consistency(self) -> float:
        """Standard error of measurement without the raters' differences."""
        return float(np.sqrt(self.variance["error"]))

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"intraclass correlations of {self.n_targets} targets by {self.n_raters} "
            f"raters, {self.level:.0%} intervals; standard error of measurement "
            f"{self.sem_agreement:.3g} (agreement), {self.sem_consistency:.3g} "
            "(consistency)",
        )

    def _caveats(self) -> Sequence[str]:
        notes = []
        if self.n_left_out:
            left = counted(self.n_left_out, "target")
            notes.append(f"{left} left out, for want of ratings")
        n_missing = self.n_targets * self.n_raters - self.n_ratings
        if n_missing:
            notes.append(
                f"{counted(n_missing, 'rating')} of {n_missing + self.n_ratings} "
                "missing: the intervals are approximate"
            )
        if (self.variance[["target", "rater"]] == 0).any():
            none = self.variance.index[self.variance == 0]
            notes.append(f"variance component at its bound of 0: {', '.join(none)}")
        unknown = self.table.index[self.table["icc"].isna()]
        if len(unknown):
            notes.append(
                f"no {', '.join(unknown)}: ratings of a target go against each other, "
                "so that its mean hardly varies; is a rater keyed the other way?"
            )
        if (self.variance < 0).any():
            negative = ", ".join(self.variance.index[self.variance < 0])
            notes.append(f"negative variance component: {negative}")
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each coefficient with its interval, and .70 beside them."""
        ax, table = axes(ax), self.table
        at = name_rows(ax, table.index, what="coefficient")
        dots(ax, at, table["icc"], spread(table["icc"], table["low"], table["high"]))
        bound(ax, 0.7, ".70 wanted")
        return finish(
            ax,
            f"Agreement of {self.n_raters} ratings of {self.n_targets} targets",
            x=f"intraclass correlation, {self.level:.0%} interval",
            key=True,
        )


def icc(
    ratings: pd.DataFrame, *, missing: str = "complete", level: float = 0.95
) -> ICCResult:
    """Estimate the six intraclass correlations of Shrout and Fleiss (1979).

    Parameters
    ----------
    ratings : DataFrame, shape (n_targets, n_raters)
        Scores, NaN where missing. Of at most 11 different numbers one that stands apart
        is warned of: it may be a code for no rating.
    missing : {"complete", "reml"}
        "complete" leaves out targets without every rating, and counts them. "reml"
        takes each target with a rating: components of variance by restricted
        likelihood (Patterson & Thompson, 1971), unbiased where whether a rating is
        missing does not depend on what it would have been. Intervals then go by
        harmonic means of the numbers of ratings (Thomas & Hultquist, 1978).
    level : float
        Of the intervals, inside (0, 1). That of ICC2 is approximate, with
        Satterthwaite's degrees of freedom.

    Returns
    -------
    ICCResult
        `table` has one row a coefficient, ICC1 to ICC3k, with its interval.

    Raises
    ------
    InvalidOption
        A `missing` or `level` that there is not.
    InvalidResponses
        As `check_responses`, or fewer than two targets.
    NotIdentified
        Targets do not differ at all; raters who have no target in common, directly or
        by way of others; or so few ratings that none is left over.

    Examples
    --------
    >>> import pandas as pd
    >>> ratings = pd.DataFrame({"first": [1, 3, 5, 6], "second": [2, 3, 5, 7]})
    >>> icc(ratings).table["icc"].round(3).loc[["ICC2", "ICC3"]].tolist()
    [0.95, 0.966]
    """
    check_option("missing", missing, MISSING)
    check_level(level)
    checked = _checked(ratings)
    if len(np.unique(checked.values[~checked.missing])) <= MOST_CATEGORIES:
        warn_of_codes(checked)
    return _of(checked, missing, level)


def icc_of_scores(scores: pd.DataFrame, *, level: float) -> ICCResult:
    """Return `icc` of what is no rating in categories: a 9 beside 1 to 5 is a score."""
    return _of(_checked(scores), "complete", level)


def _checked(ratings: pd.DataFrame) -> Responses:
    return check_responses(
        ratings, ordinal=False, more_persons_than_items=False, codes_stated=True
    )


def _of(checked: Responses, missing: str, level: float) -> ICCResult:
    if missing == "reml":
        return _of_what_there_is(checked.values, level)
    values = checked.complete().values
    n, k = values.shape
    if n < 2:
        raise InvalidResponses(
            f"{counted(n, 'target')} with every rating; an intraclass "
            'correlation needs two, or missing="reml"'
        )
    anova = _two_way(values)
    if anova.loc["targets", "ms"] == 0:
        raise NotIdentified("all targets have the same mean; no share of variance")
    return ICCResult(
        table=_icc_table(anova, n, k, level),
        anova=anova,
        variance=_components(anova, n, k),
        n_targets=n,
        n_raters=k,
        n_left_out=checked.n_persons - n,
        n_ratings=n * k,
        level=level,
    )


def _of_what_there_is(values: np.ndarray, level: float) -> ICCResult:
    """By restricted likelihood, from every rating."""
    has_some = ~np.isnan(values).all(axis=1)
    used = values[has_some]
    n, k = used.shape
    if n < 2:
        raise InvalidResponses(
            f"{counted(n, 'target')} with a rating; an intraclass correlation needs two"
        )
    parts = rating_variances(used)
    if parts.one_way[0] == 0 and parts.random[0] == 0:
        raise NotIdentified("targets do not differ beyond error; no share of variance")
    return ICCResult(
        table=_table_of_parts(parts, level),
        anova=_expected_squares(parts),
        variance=pd.Series(
            dict(zip(("target", "rater", "error"), parts.random)), name="variance"
        ),
        n_targets=n,
        n_raters=k,
        n_left_out=len(values) - n,
        n_ratings=parts.n_ratings,
        level=level,
    )


def _expected_squares(parts: RatingVariances) -> pd.DataFrame:
    n, k = parts.n_targets, parts.n_raters
    target, rater, error = parts.random
    squares = {
        "targets": (n - 1, parts.per_target * target + error),
        "raters": (k - 1, parts.per_rater * rater + error),
        "residual": (parts.n_ratings - n - k + 1, error),
        "within": (parts.n_ratings - n, parts.one_way[1]),
    }
    frame = pd.DataFrame(squares, index=["df", "ms"]).T
    frame["df"] = frame["df"].astype(int)
    frame.insert(1, "ss", frame["df"] * frame["ms"])
    return frame


def _table_of_parts(parts: RatingVariances, level: float) -> pd.DataFrame:
    """The six coefficients by the components, their intervals by expected squares."""
    n, k, m = parts.n_targets, parts.n_raters, parts.per_target
    anova = _expected_squares(parts)
    (one, rest), (target, rater, error) = parts.one_way, parts.random
    fixed, fixed_error = parts.fixed
    singles = [
        one / (one + rest),
        target / (target + rater + error),
        fixed / (fixed + fixed_error),
    ]
    f_one, f_three = 1 + m * one / rest, 1 + m * fixed / fixed_error
    df_one, df_three = int(anova["df"]["within"]), int(anova["df"]["residual"])
    two = _agreement_interval(singles[1], anova, parts.per_rater, m, level)
    bounds = [
        _single(_ratio_interval(f_one, n - 1, df_one, level), m),
        two,
        _single(_ratio_interval(f_three, n - 1, df_three, level), m),
    ]
    estimates = [*singles, *(_stepped_up(single, k) for single in singles)]
    bounds += [_ends_stepped_up(limits, k) for limits in bounds]
    f_values = [f_one, f_three, f_three] * 2
    df_values = [df_one, df_three, df_three] * 2
    return _framed(estimates, f_values, n - 1, df_values, bounds)


def _two_way(values: np.ndarray) -> pd.DataFrame:
    n, k = values.shape
    centred = values - values.mean()
    targets = k * (centred.mean(axis=1) ** 2).sum()
    raters = n * (centred.mean(axis=0) ** 2).sum()
    within = ((values - values.mean(axis=1, keepdims=True)) ** 2).sum()
    residual = values - values.mean(axis=1, keepdims=True) - centred.mean(axis=0)
    squares = [targets, raters, (residual**2).sum(), within]
    frame = pd.DataFrame(
        {"df": [n - 1, k - 1, (n - 1) * (k - 1), n * (k - 1)], "ss": squares},
        index=["targets", "raters", "residual", "within"],
    )
    return frame.assign(ms=frame["ss"] / frame["df"])


def _components(anova: pd.DataFrame, n: int, k: int) -> pd.Series:
    ms = anova["ms"]
    parts = {
        "target": (ms["targets"] - ms["residual"]) / k,
        "rater": (ms["raters"] - ms["residual"]) / n,
        "error": ms["residual"],
    }
    return pd.Series(parts, name="variance")


def _icc_table(anova: pd.DataFrame, n: int, k: int, level: float) -> pd.DataFrame:
    between, rater, error, within = anova["ms"]
    f_one = between / within if within > 0 else np.inf
    f_three = between / error if error > 0 else np.inf
    spread = error + (rater - error) / n
    estimates = [
        (between - within) / (between + (k - 1) * within),
        (between - error) / (between - error + k * spread),
        (between - error) / (between + (k - 1) * error),
        1 - within / between,
        _stepped_up((between - error) / (between - error + k * spread), k),
        1 - error / between,
    ]
    df_one, df_three = n * (k - 1), (n - 1) * (k - 1)
    one = _ratio_interval(f_one, n - 1, df_one, level)
    three = _ratio_interval(f_three, n - 1, df_three, level)
    two = _agreement_interval(estimates[1], anova, n, k, level)
    bounds = [_single(one, k), two, _single(three, k)]
    bounds += [_average(one), _ends_stepped_up(two, k), _average(three)]
    f_values = [f_one, f_three, f_three] * 2
    df_values = [df_one, df_three, df_three] * 2
    return _framed(estimates, f_values, n - 1, df_values, bounds)


def _framed(
    estimates: list[float],
    f_values: list[float],
    df1: int,
    df2: list[int],
    bounds: list[Bounds],
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "icc": estimates,
            "F": f_values,
            "df1": df1,
            "df2": df2,
            "p": fdtrc(df1, df2, f_values),
            "low": [low for low, _ in bounds],
            "high": [high for _, high in bounds],
        },
        index=list(KINDS),
    )


def _ratio_interval(
    f_value: float, df1: int, df2: int, level: float
) -> tuple[float, float]:
    tail = (1 + level) / 2
    low = f_value / fdtri(df1, df2, tail)
    return float(low), float(f_value * fdtri(df2, df1, tail))


def _single(interval: Bounds, k: float) -> Bounds:
    low, high = ((f - 1) / (f + k - 1) if np.isfinite(f) else 1.0 for f in interval)
    return low, high


def _average(interval: Bounds) -> Bounds:
    low, high = interval
    return 1 - 1 / low, 1 - 1 / high


def _stepped_up(single: float, k: int) -> float:
    """Of the mean of k ratings; NaN where so negative that the mean does not vary."""
    rest = 1 + single * (k - 1)
    return k * single / rest if rest > 0 else np.nan


def _ends_stepped_up(interval: Bounds, k: int) -> Bounds:
    low, high = (_stepped_up(end, k) for end in interval)
    if np.isnan(low) and np.isfinite(high):
        low = -np.inf
    return low, high


def _agreement_interval(
    estimate: float, anova: pd.DataFrame, n: float, k: float, level: float
) -> tuple[float, float]:
    """Approximate interval of ICC2 (Shrout & Fleiss, 1979, p. 424).

    `n` ratings a rater and `k` a target, which are means where some are missing.
    """
    ms, df = anova["ms"], anova["df"]
    if ms["residual"] == ms["raters"] == 0:
        return (1.0, 1.0)
    of_raters = k * estimate * ms["raters"]
    share = (n * (1 + (k - 1) * estimate) - k * estimate) * ms["residual"]
    v = (of_raters + share) ** 2
    v /= of_raters**2 / df["raters"] + share**2 / df["residual"]
    tail = (1 + level) / 2
    f_low = fdtri(df["targets"], v, tail)
    f_high = fdtri(v, df["targets"], tail)
    between, error = ms["targets"], ms["residual"]
    common = k * ms["raters"] + (k * n - k - n) * error
    low = n * (between - f_low * error) / (f_low * common + n * between)
    high = n * (f_high * between - error) / (common + n * f_high * between)
    return float(low), float(high)
