"""Two occasions of one score: reliability, measurement error, limits of agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr, stdtrit

from ..annotations import Axes, PerPerson
from ..counted import counted
from ..errors import InvalidOption, InvalidResponses
from ..figures import BLUE, bound, dots, finish, name_rows, spread
from ..options import check_level
from ..results import Result, axes
from ..scores.paired_scores import paired_scores
from ..variation import differ
from .interrater import weighted_kappa
from .intraclass import ICCResult, icc_of_scores

POINTS: dict[str, Any] = {
    "color": BLUE,
    "alpha": 0.5,
    "markersize": 4,
    "markeredgewidth": 0,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class BlandAltmanResult(Result):
    """Mean difference and limits of agreement, each with its interval.

    Attributes
    ----------
    table : DataFrame
        Rows lower limit, mean difference, upper limit; columns estimate, low, high.
    sd : float
        Of the differences, second minus first.
    slope, slope_p : float
        Of the differences on the means, and its p value: whether error grows with
        the score.
    points : DataFrame
        mean and difference of each person; what the picture shows.
    n : int
    level : float
    """

    _headline = (
        "mean=table.estimate.mean difference",
        "lower=table.estimate.lower limit",
        "upper=table.estimate.upper limit",
        "n",
    )

    table: pd.DataFrame
    sd: float
    slope: float
    slope_p: float
    points: pd.DataFrame
    n: int
    level: float

    @property
    def within_limits(self) -> float:
        """The share of persons within the limits of agreement."""
        low, _, high = self.table["estimate"]
        return float(self.points["difference"].between(low, high).mean())

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"limits of agreement, n = {self.n}; {self.within_limits:.1%} of persons "
            f"within; {self.level:.0%} intervals",
        )

    def _caveats(self) -> Sequence[str]:
        if self.slope_p < 0.05:
            return ("differences change with the score: one pair of limits misleads",)
        return ()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw differences against means, with limits and their intervals."""
        ax = axes(ax)
        ax.plot(self.points["mean"], self.points["difference"], "o", **POINTS)
        lines = {"lower limit": "--", "mean difference": "-", "upper limit": "-."}
        for name, line in lines.items():
            at, low, high = (self.table[c][name] for c in ("estimate", "low", "high"))
            said = f"{name} {at:.3g}"
            ax.axhline(at, color="0.2", linestyle=line, label=said)
            ax.axhspan(low, high, color=BLUE, alpha=0.15, linewidth=0)
        ax.fill_between(
            [], [], color=BLUE, alpha=0.15, label=f"{self.level:.0%} intervals"
        )
        share = f"{self.within_limits:.0%} within the limits"
        title = f"Second minus first, n = {self.n}: {share}"
        y = "second minus first, points"
        return finish(ax, title, x="mean of the two occasions, points", y=y, key=True)


@dataclass(frozen=True, eq=False, kw_only=True)
class RetestResult(Result):
    """What a retest says of a score's reliability and error.

    Attributes
    ----------
    reliability : ICCResult
    limits : BlandAltmanResult
    sem, sem_consistency : float
        Standard error of measurement, for agreement and for consistency.
    sdc, sdc_consistency : float
        Smallest detectable change of a person.
    sdc_group : float
        Of the mean of as many persons as were retested.
    n, n_left_out : int
    """

    _headline = ("reliability.table.icc.ICC2", "sem", "sdc", "n")

    reliability: ICCResult
    limits: BlandAltmanResult
    sem: float
    sem_consistency: float
    sdc: float
    sdc_consistency: float
    sdc_group: float
    n: int
    n_left_out: int

    @property
    def icc(self) -> float:
        """ICC2: two occasions as a sample, absolute agreement."""
        return float(self.reliability.table["icc"]["ICC2"])

    @property
    def ci(self) -> tuple[float, float]:
        """The interval of `icc`."""
        table = self.reliability.table
        return float(table["low"]["ICC2"]), float(table["high"]["ICC2"])

    def to_frame(self) -> pd.DataFrame:
        limits = self.limits.table["estimate"]
        rows = {
            "icc_agreement": self.icc,
            "icc_consistency": self.reliability.table["icc"]["ICC3"],
            "sem_agreement": self.sem,
            "sem_consistency": self.sem_consistency,
            "sdc_agreement": self.sdc,
            "sdc_consistency": self.sdc_consistency,
            "sdc_group": self.sdc_group,
            "mean_difference": limits["mean difference"],
            "lower_limit": limits["lower limit"],
            "upper_limit": limits["upper limit"],
        }
        return pd.Series(rows, name="estimate").to_frame()

    def _about(self) -> Sequence[str]:
        low, high = self.ci
        return (
            f"retest of {self.n} persons: ICC(2,1) = {self.icc:.3f} ({low:.3f} to "
            f"{high:.3f}), SEM = {self.sem:.3g}, SDC = {self.sdc:.3g}",
        )

    def _caveats(self) -> Sequence[str]:
        left = self.n_left_out
        said = (f"{left} persons without both scores, or not stable, left out",)
        return (*(said if left else ()), *self.limits._caveats())

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the Bland-Altman picture."""
        return self.limits.plot(ax)


def test_retest(
    first: PerPerson,
    second: PerPerson,
    *,
    stable: PerPerson | None = None,
    level: float = 0.95,
) -> RetestResult:
    """Estimate reliability and measurement error from two occasions.

    SEM is the square root of the occasion and error variance (agreement) or of the
    error variance alone (consistency); SDC is 1.96 sqrt(2) SEM (de Vet et al.,
    2006), divided by sqrt(n) for a group's mean.

    Parameters
    ----------
    first, second : Series or array, shape (n,)
        Scores of the same persons; Series are matched by label. NaN where missing.
    stable : Series or array of bool, shape (n,), optional
        Who said that nothing had changed; the others, and who did not say, are left
        out. Without such an anchor, true change counts as error.
    level : float
        Of the intervals, inside (0, 1).

    Returns
    -------
    RetestResult

    Raises
    ------
    InvalidResponses
        Fewer than three stable persons with both scores, columns that cannot be
        paired, or a `stable` that is neither True nor False.

    Examples
    --------
    >>> found = test_retest([4, 7, 6, 8, 3], [5, 7, 7, 8, 2])
    >>> round(float(found.icc), 2), round(float(found.sdc), 1)
    (0.94, 1.6)
    """
    check_level(level)
    pairs = paired_scores(first, second, names=("first", "second"))
    if stable is not None and not isinstance(stable, pd.Series):
        _check_one_order(first, second)
    kept = pairs if stable is None else pairs[_as_mask(stable, pairs.index)]
    kept = kept.dropna()
    if len(kept) < 3:
        raise InvalidResponses(
            f"{counted(len(kept), 'stable person')}; a retest needs three"
        )
    reliability = icc_of_scores(kept, level=level)
    agreement, consistency = reliability.sem_agreement, reliability.sem_consistency
    person = 1.96 * np.sqrt(2)
    return RetestResult(
        reliability=reliability,
        limits=bland_altman(kept["first"], kept["second"], level=level),
        sem=agreement,
        sem_consistency=consistency,
        sdc=person * agreement,
        sdc_consistency=person * consistency,
        sdc_group=person * agreement / np.sqrt(len(kept)),
        n=len(kept),
        n_left_out=len(pairs) - len(kept),
    )


# pytest would take the public name for a test.
setattr(test_retest, "__test__", False)


@dataclass(frozen=True, eq=False, kw_only=True)
class ItemRetestResult(Result):
    """Agreement of each item with itself on two occasions.

    Attributes
    ----------
    table : DataFrame
        n, kappa, se, low, high, and same: the share with the same answer twice.
    weights : str
    level : float
    """

    _headline = ("table.kappa", "items=table.index")

    table: pd.DataFrame
    weights: str
    level: float

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"retest of {len(self.table)} items, kappa with {self.weights} weights, "
            f"{self.level:.0%} intervals; median {self.table['kappa'].median():.3f}",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each item's kappa with its interval, and .70 beside them."""
        rows = self.table.sort_values("kappa", ascending=False)
        ax = axes(ax, rows=len(rows))
        reach = spread(rows["kappa"], rows["low"], rows["high"])
        words = ("at .70 or above", "below .70")
        low = rows["kappa"] < 0.7
        dots(
            ax, name_rows(ax, rows.index), rows["kappa"], reach, flags=low, words=words
        )
        bound(ax, 0.7, ".70 wanted")
        title = f"Retest of {len(rows)} items, best first"
        x = f"kappa, {self.weights} weights, {self.level:.0%} interval"
        return finish(ax, title, x=x, key=True)


def retest_items(
    first: pd.DataFrame,
    second: pd.DataFrame,
    *,
    weights: str = "quadratic",
    level: float = 0.95,
) -> ItemRetestResult:
    """Estimate weighted kappa (Cohen, 1968) of every item between two occasions.

    Parameters
    ----------
    first, second : DataFrame, shape (n_persons, n_items)
        Answers of the same persons, matched by their labels; items in both are
        used. NaN where unanswered.
    weights, level
        As in `weighted_kappa`.

    Returns
    -------
    ItemRetestResult
        One row an item: kappa with its interval, and how many answered twice.

    Raises
    ------
    InvalidResponses
        No item or no person in common, a person twice, or an item that everybody
        answered alike on both occasions.

    Examples
    --------
    >>> import pandas as pd
    >>> first = pd.DataFrame({"calm": [1, 2, 3, 3], "safe": [1, 1, 2, 3]})
    >>> second = pd.DataFrame({"calm": [1, 2, 3, 2], "safe": [1, 1, 2, 3]})
    >>> found = retest_items(first, second).to_frame()
    >>> found["kappa"].round(2).tolist()
    [0.8, 1.0]
    """
    check_level(level)
    items = [item for item in first.columns if item in second.columns]
    for name, frame in (("first", first), ("second", second)):
        if frame.index.has_duplicates:
            twice = frame.index[frame.index.duplicated()][0]
            raise InvalidResponses(f"{name} has person {twice} twice; give one row")
    persons = first.index.intersection(second.index)
    if not items or not len(persons):
        what = "person" if items else "item"
        raise InvalidResponses(f"the two occasions have no {what} in common")
    rows = {}
    for item in items:
        a, b = first.loc[persons, item], second.loc[persons, item]
        try:
            found = weighted_kappa(a, b, weights=weights, level=level)
        except InvalidResponses as problem:
            raise InvalidResponses(f"item {item}: {problem}") from problem
        same = np.trace(found.table) / found.n
        low, high = found.ci
        rows[item] = (found.n, found.kappa, found.se, low, high, same)
    columns = ["n", "kappa", "se", "low", "high", "same"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return ItemRetestResult(table=table, weights=weights, level=level)


def bland_altman(
    first: PerPerson, second: PerPerson, *, level: float = 0.95, reach: float = 1.96
) -> BlandAltmanResult:
    """Return limits of agreement, mean difference -+ reach sd (Bland & Altman, 1999).

    Intervals of the limits use the standard error sd sqrt(1/n + reach^2 / 2(n-1)).

    Parameters
    ----------
    first, second : Series or array, shape (n,)
        Scores of the same persons; Series are matched by label. NaN where missing.
    level : float
        Of the intervals, by Student's t.
    reach : float
        Standard deviations from the mean to a limit.

    Returns
    -------
    BlandAltmanResult
        The mean difference and both limits with their intervals, in score points.

    Raises
    ------
    InvalidResponses
        Fewer than three persons with both scores, or columns that cannot be paired.

    Examples
    --------
    >>> found = bland_altman([4, 7, 6, 8, 3], [5, 7, 7, 8, 2])
    >>> found.n, round(float(found.within_limits), 1)
    (5, 1.0)
    """
    check_level(level)
    kept = paired_scores(first, second, names=("first", "second")).dropna()
    n = len(kept)
    difference = kept["second"] - kept["first"]
    mean, sd = difference.mean(), difference.std(ddof=1)
    quantile = stdtrit(n - 1, (1 + level) / 2)
    of_mean = quantile * sd / np.sqrt(n)
    of_limit = quantile * sd * np.sqrt(1 / n + reach**2 / (2 * (n - 1)))
    centres = np.array([mean - reach * sd, mean, mean + reach * sd])
    widths = np.array([of_limit, of_mean, of_limit])
    table = pd.DataFrame(
        {"estimate": centres, "low": centres - widths, "high": centres + widths},
        index=["lower limit", "mean difference", "upper limit"],
    )
    points = pd.DataFrame({"mean": kept.mean(axis=1), "difference": difference})
    slope, slope_p = 0.0, 1.0
    if differ(difference.to_numpy(), of=kept.to_numpy()):
        slope, slope_p = _slope(points["mean"].to_numpy(), difference.to_numpy())
    return BlandAltmanResult(
        table=table,
        sd=float(sd),
        slope=slope,
        slope_p=slope_p,
        points=points,
        n=n,
        level=level,
    )


def sdc(sem: float, *, level: float = 0.95, n: int = 1) -> float:
    """Return the smallest change that is beyond error in a person, or in n's mean.

    z sqrt(2) SEM / sqrt(n), z the normal quantile of the two-sided `level` (de Vet et
    al., 2006).

    Parameters
    ----------
    sem : float
        Standard error of measurement, in score points.
    level : float
        Two-sided, inside (0, 1).
    n : int
        Persons in the mean; 1 for one person's own change.

    Returns
    -------
    float
        In score points.

    Raises
    ------
    InvalidOption
        A negative error, a level outside (0, 1), or fewer than one person.

    Examples
    --------
    >>> round(sdc(2.0), 2), round(sdc(2.0, n=25), 2)
    (5.54, 1.11)
    """
    check_level(level)
    if not (sem >= 0 and n >= 1):
        raise InvalidOption(
            f"sem is {sem}, n {n}; give an error from 0 and at least one person"
        )
    return float(ndtri((1 + level) / 2) * np.sqrt(2) * sem / np.sqrt(n))


def _check_one_order(first: PerPerson, second: PerPerson) -> None:
    """Refuse two orders of persons where a third column goes by place."""
    if isinstance(first, pd.Series) and isinstance(second, pd.Series):
        if not first.index.equals(second.index):
            raise InvalidResponses(
                "the two occasions have their persons in different orders; give stable "
                "as a Series, to be matched by label"
            )


def _as_mask(stable: PerPerson, persons: pd.Index) -> np.ndarray:
    if not isinstance(stable, pd.Series):
        if np.shape(stable) != (len(persons),):
            raise InvalidResponses(
                f"stable has shape {np.shape(stable)}; give one value for each person"
            )
        stable = pd.Series(stable, index=persons)
    other = [value for value in stable.dropna() if value not in (False, True)]
    if other:
        raise InvalidResponses(
            f"stable has {other[0]!r}; give True for who had not changed, else False"
        )
    return stable.reindex(persons).eq(True).fillna(False).to_numpy(bool)


def _slope(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return the least-squares slope and its two-sided p value."""
    centred = x - x.mean()
    square, n = (centred**2).sum(), len(x)
    if not differ(x) or n < 3:
        return 0.0, 1.0
    slope = (centred * y).sum() / square
    residual = y - y.mean() - slope * centred
    error = np.sqrt((residual**2).sum() / (n - 2) / square)
    if error == 0:
        return float(slope), 0.0 if slope else 1.0
    return float(slope), float(2 * stdtr(n - 2, -abs(slope / error)))
