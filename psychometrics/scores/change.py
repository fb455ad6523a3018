"""How much scores changed: in a group, and beyond error in a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr, stdtrit

from ..annotations import Axes, PerPerson
from ..errors import InvalidOption, InvalidResponses
from ..figures import GREY, bound, dots, finish, mark_style, name_rows, spread
from ..options import check_level
from ..results import Result, axes
from ..variation import differ
from .paired_scores import paired_scores


@dataclass(frozen=True, eq=False, kw_only=True)
class ChangeResult(Result):
    """The change of one group between two occasions.

    Attributes
    ----------
    table : DataFrame
        Rows mean_change (score points), effect_size (mean change over the sd
        before), srm (over the sd of change); columns estimate, se, low, high.
    t, p : float
        Paired t test that the mean did not change.
    before, after : tuple of float
        Mean and sd on each occasion.
    n, n_left_out : int
    level : float
    """

    _headline = ("change=table.estimate.mean_change", "t", "p", "n")

    table: pd.DataFrame
    t: float
    p: float
    before: tuple
    after: tuple
    n: int
    n_left_out: int
    level: float

    @property
    def effect_size(self) -> float:
        return float(self.table["estimate"].loc["effect_size"])

    @property
    def srm(self) -> float:
        """Standardised response mean."""
        return float(self.table["estimate"].loc["srm"])

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"change of {self.n} persons, mean {self.before[0]:.3g} to "
            f"{self.after[0]:.3g}; t = {self.t:.2f}, p = {self.p:.3g}",
        )

    def _caveats(self) -> Sequence[str]:
        left = self.n_left_out
        return (f"{left} persons without both scores left out",) if left else ()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw both standardised changes with their intervals."""
        ax = axes(ax)
        rows = self.table.loc[["effect_size", "srm"]]
        names = ("change / SD before\n(effect size)", "change / SD of change\n(SRM)")
        reach = spread(rows["estimate"], rows["low"], rows["high"])
        dots(ax, name_rows(ax, names, what="index"), rows["estimate"], reach, capsize=3)
        bound(ax, 0, "no change")
        title = f"Mean {self.before[0]:.3g} to {self.after[0]:.3g}, n = {self.n}"
        x = f"standardised change, {self.level:.0%} interval"
        return finish(ax, title, x=x, key=True)


def group_change(
    before: PerPerson, after: PerPerson, *, level: float = 0.95
) -> ChangeResult:
    """Estimate the effect size and standardised response mean of a change.

    Effect size: mean change over the sd before (Kazis, Anderson & Meenan, 1989);
    SRM: over the sd of the changes (Liang, Fossel & Larson, 1990). Intervals are
    of large samples under normality.

    Parameters
    ----------
    before, after : Series or array, shape (n,)
        Scores of the same persons; Series are matched by label. NaN where missing.
    level : float
        Of the intervals, inside (0, 1).

    Returns
    -------
    ChangeResult
        Effect size and standardised response mean, in standard deviations.

    Raises
    ------
    InvalidResponses
        Fewer than three persons with both scores, or nobody differs.

    Examples
    --------
    >>> found = group_change([4, 6, 5, 7], [6, 7, 7, 10])
    >>> found.to_frame().iloc[:, 0].round(2).tolist()
    [2.0, 1.55, 2.45]
    """
    check_level(level)
    scores = paired_scores(before, after, names=("before", "after"))
    pairs = scores.dropna()
    change = pairs["after"] - pairs["before"]
    n, sd_before, sd = len(pairs), pairs["before"].std(), change.std()
    varies = differ(pairs["before"].to_numpy())
    if not varies or not differ(change.to_numpy(), of=pairs.to_numpy()):
        what = "changed" if varies else "before"
        raise InvalidResponses(f"all persons {what} alike; nothing to standardise by")
    mean, se = change.mean(), sd / np.sqrt(n)
    effect, srm = mean / sd_before, mean / sd
    errors = [
        se,
        np.sqrt((se / sd_before) ** 2 + effect**2 / (2 * (n - 1))),
        np.sqrt(1 / n + srm**2 / (2 * (n - 1))),
    ]
    quantile = float(stdtrit(n - 1, (1 + level) / 2))
    table = pd.DataFrame(
        {"estimate": [mean, effect, srm], "se": errors},
        index=["mean_change", "effect_size", "srm"],
    )
    reach = quantile * table["se"]
    table = table.assign(low=table["estimate"] - reach, high=table["estimate"] + reach)
    return ChangeResult(
        table=table,
        t=float(mean / se),
        p=float(2 * stdtr(n - 1, -abs(mean / se))),
        before=(float(pairs["before"].mean()), float(sd_before)),
        after=(float(pairs["after"].mean()), float(pairs["after"].std())),
        n=n,
        n_left_out=len(scores) - n,
        level=level,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class ReliableChangeResult(Result):
    """Each person's change against measurement error.

    Attributes
    ----------
    persons : DataFrame
        before, after, change, index (change over its standard error), verdict:
        improved, unchanged or deteriorated.
    threshold : float
        The change in score points that counts.
    se_difference : float
    """

    _headline = ("threshold", "se_difference", "n_persons=persons.change.size")

    persons: pd.DataFrame
    threshold: float
    se_difference: float

    @property
    def counts(self) -> pd.Series:
        """How many improved, did not change, or deteriorated."""
        order = ["improved", "unchanged", "deteriorated"]
        return self.persons["verdict"].value_counts().reindex(order, fill_value=0)

    def to_frame(self) -> pd.DataFrame:
        return self.persons

    def _about(self) -> Sequence[str]:
        said = ", ".join(f"{n} {verdict}" for verdict, n in self.counts.items())
        return (f"reliable change, threshold {self.threshold:.3g} points: {said}",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw after against before, with the band of no reliable change."""
        ax = axes(ax)
        for k, (verdict, n) in enumerate(self.counts.items()):
            rows = self.persons[self.persons["verdict"] == verdict]
            label = f"{verdict} ({n})"
            mark = mark_style((1, 3, 2)[k], 4)
            ax.plot(rows["before"], rows["after"], label=label, alpha=0.7, **mark)
        low, high = self.persons[["before", "after"]].stack().quantile([0, 1])
        line, room = np.array([low, high]), self.threshold
        ax.fill_between(
            line, line - room, line + room, color=GREY, alpha=0.2, linewidth=0
        )
        ax.set_aspect("equal", adjustable="datalim")
        return finish(
            ax,
            f"Change of {len(self.persons)} persons; the band is change within "
            f"{room:.3g} points",
            x="before, points",
            y="after, points",
            key=True,
        )


def reliable_change(
    before: PerPerson,
    after: PerPerson,
    *,
    reliability: float | None = None,
    sem: float | None = None,
    sd: float | None = None,
    level: float = 0.95,
) -> ReliableChangeResult:
    """Judge each person's change by measurement error (Jacobson & Truax, 1991).

    The index is change / (sqrt(2) SEM), with SEM = sd sqrt(1 - reliability).

    Parameters
    ----------
    before, after : Series or array, shape (n,)
        Scores, higher is better. Series are matched by label; NaN where missing.
    reliability : float
        Inside (0, 1); better a retest's than alpha.
    sem : float
        Standard error of measurement, instead of `reliability`.
    sd : float, optional
        Of the scores in the population; without it, of `before`.
    level : float
        Two-sided level at which a change counts, inside (0, 1).

    Returns
    -------
    ReliableChangeResult
        `persons` has one row a person: change, index and verdict.

    Raises
    ------
    InvalidOption
        Neither or both of `reliability` and `sem` were given, or out of range.

    Examples
    --------
    >>> found = reliable_change([20, 22, 30], [21, 34, 12], sem=2)
    >>> found.persons["verdict"].tolist()
    ['unchanged', 'improved', 'deteriorated']
    """
    check_level(level)
    if (reliability is None) == (sem is None):
        raise InvalidOption("give one of reliability and sem")
    if reliability is not None and not 0 < reliability < 1:
        raise InvalidOption(
            f"reliability is {reliability}; give a value between 0 and 1"
        )
    pairs = paired_scores(before, after, names=("before", "after")).dropna()
    if reliability is not None:
        sem = (pairs["before"].std() if sd is None else sd) * np.sqrt(1 - reliability)
    se = float(np.sqrt(2) * sem)
    if not se > 0:
        raise InvalidOption(
            f"the standard error of measurement is {sem}; it must be > 0"
        )
    quantile = ndtri((1 + level) / 2)
    change = pairs["after"] - pairs["before"]
    index = change / se
    verdict = np.select(
        [index > quantile, index < -quantile],
        ["improved", "deteriorated"],
        "unchanged",
    )
    persons = pairs.assign(change=change, index=index, verdict=verdict)
    return ReliableChangeResult(
        persons=persons, threshold=float(quantile * se), se_difference=se
    )
