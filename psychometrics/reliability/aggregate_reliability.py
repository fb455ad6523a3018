"""How well means tell teams apart: reliability of each unit's mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtri

from ..annotations import Axes, PerPerson
from ..counted import counted
from ..errors import InvalidResponses
from ..figures import bound, finish, mark_style
from ..options import check_level
from ..results import Result, axes
from ..score_column import score_column
from ..scores.paired_scores import in_order_of
from ..variation import differ

ENOUGH = 0.70  # what a comparison of units needs


@dataclass(frozen=True, eq=False, kw_only=True)
class UnitReliability(Result):
    """Variance between units and the reliability of each unit's mean.

    `units` has n, mean and reliability of each; `icc` is the share of one score's
    variance that lies between units, with an F interval that takes the units as of
    their effective size.
    """

    _headline = ("icc", "lower", "upper", "units=units.index")

    units: pd.DataFrame
    icc: float
    lower: float
    upper: float
    between: float
    within: float
    level: float

    def to_frame(self) -> pd.DataFrame:
        return self.units

    def n_needed(self, reliability: float = ENOUGH) -> float:
        """Return how many scores a unit needs, with decimals; infinite if units do
        not differ."""
        if self.between == 0:
            return np.inf
        return reliability / (1 - reliability) * self.within / self.between

    def _about(self) -> Sequence[str]:
        reached = (self.units["reliability"] >= ENOUGH).mean()
        return (
            f"{len(self.units)} units: ICC {self.icc:.3f} ({self.lower:.3f} to "
            f"{self.upper:.3f}); {reached:.0%} of means reach {ENOUGH:.2f}; "
            f"{self._takes()}.",
        )

    def _takes(self) -> str:
        needed = self.n_needed()
        if np.isinf(needed):
            return "no number of scores would do"
        return f"it takes {counted(max(1, math.ceil(needed)), 'score')}"

    def _caveats(self) -> Sequence[str]:
        if self.between > 0:
            return ()
        return ("Units differ no more than chance: do not rank them.",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the reliability of each unit's mean over its number of scores."""
        ax, units = axes(ax), self.units
        enough = units["reliability"] >= ENOUGH
        for k, (chosen, name) in enumerate(((enough, "enough"), (~enough, "too few"))):
            if chosen.any():
                part = units[chosen]
                label = f"{name} ({len(part)} units)"
                ax.plot(part["n"], part["reliability"], label=label, **mark_style(k))
        bound(ax, ENOUGH, f"{ENOUGH:.2f} wanted", axis="y")
        ax.set_ylim(0, 1)
        title = f"Means of {len(units)} units: ICC = {self.icc:.3f}"
        return finish(
            ax, title, x="scores of the unit", y="reliability of its mean", key=True
        )


def unit_reliability(
    values: PerPerson, units: PerPerson, *, level: float = 0.95
) -> UnitReliability:
    """Reliability of unit means from a one-way random effects analysis.

    A unit's mean of n scores has reliability t / (t + s / n), with t the variance
    between and s within units, by analysis of variance (Searle, Casella &
    McCulloch, 1992, chapter 3); t is 0 where units differ less than chance would.

    Parameters
    ----------
    values : array, shape (n,)
        Scores; NaN are left out.
    units : array, shape (n,)
        Team of each score; two Series are matched by label.
    level : float in (0, 1)
        Coverage of the interval of the ICC.

    Returns
    -------
    UnitReliability
        The ICC of single scores with its interval, and the reliability of each
        unit's mean.

    Raises
    ------
    InvalidResponses
        Fewer than two units, no unit with two scores, or scores that are all alike.

    Examples
    --------
    >>> found = unit_reliability([1, 2, 5, 6, 8, 9], list("aabbcc"))
    >>> round(found.icc, 3)
    0.96
    """
    check_level(level)
    scores = pd.Series(score_column(values))
    by_unit = scores.groupby(np.asarray(in_order_of(values, units)))
    n, mean = by_unit.count(), by_unit.mean()
    n, mean = n[n > 0], mean[n > 0]
    df_between, df_within = len(n) - 1, int(n.sum() - len(n))
    if df_between < 1 or df_within < 1:
        raise InvalidResponses(
            f"{n.sum()} scores in {len(n)} units; reliability needs two units and a "
            "unit with two scores"
        )
    known = scores[by_unit.ngroup() >= 0].dropna().to_numpy()
    if not differ(known):
        raise InvalidResponses(f"all scores are {known[0]:g}; no share of variance")
    grand = (n * mean).sum() / n.sum()
    ms_between = (n * (mean - grand) ** 2).sum() / df_between
    ms_within = (
        by_unit.var(ddof=1).fillna(0) * (by_unit.count() - 1)
    ).sum() / df_within
    size = (n.sum() - (n**2).sum() / n.sum()) / df_between  # effective unit size
    between = max(0.0, (ms_between - ms_within) / size)
    # F over its quantiles; both ends are 1 where scores of one unit never differ
    tails = fdtri(df_between, df_within, [(1 + level) / 2, (1 - level) / 2])
    gaps = ms_between - tails * ms_within
    lower, upper = np.maximum(0.0, gaps / (gaps + size * tails * ms_within))
    return UnitReliability(
        units=pd.DataFrame(
            {"n": n, "mean": mean, "reliability": between / (between + ms_within / n)}
        ),
        icc=float(between / (between + ms_within)),
        lower=float(lower),
        upper=float(upper),
        between=float(between),
        within=float(ms_within),
        level=level,
    )
