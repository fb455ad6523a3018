"""What a control chart holds, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..options import check_option
from ..results import Result
from .control_limits import TRIAL, StepChange
from .control_plot import draw
from .control_rules import RULE_SETS, RULES, RuleSet, side_of
from .control_times import name_of

NARROW = 0.3  # correlation of neighbours above which limits are too narrow
SERIES = 20  # points from which that correlation is worth a look
BETTER = ("up", "down", "neither")


@dataclass(frozen=True, eq=False, kw_only=True)
class ControlChart(Result):
    """Points over time with centre line, limits, rule flags and what they mean.

    Attributes
    ----------
    points : DataFrame
        A row a point or gap: value, centre, lower, upper, a column for each rule,
        direction (1 or -1 where a rule spoke) and phase (0, 1, ... by step change).
    n_baseline : int
        Points that set the limits of the last phase.
    target : float, optional
        On the metric of the values.
    """

    _headline = ("signals=signals.index", "points=points.index", "method")

    points: pd.DataFrame
    method: str
    n_baseline: int
    sigma_z: float = 1.0  # Laney's factor; 1 where limits were not widened
    rules: RuleSet = RULE_SETS["nelson"]
    steps: tuple[StepChange, ...] = ()
    target: float | None = None

    @property
    def signals(self) -> pd.DataFrame:
        """The points at which some rule spoke, with the rules as columns."""
        rules = self.points[list(RULES)]
        return rules[rules.any(axis=1)]

    @property
    def is_trial(self) -> bool:
        """Whether the limits of the last phase come from fewer than 12 points."""
        return self.n_baseline < TRIAL

    @property
    def latest(self) -> pd.Series:
        """The last point that is no gap."""
        return self.points[self.points["value"].notna()].iloc[-1]

    @property
    def autocorrelation(self) -> float:
        """Correlation of neighbours about their centres; NaN if nothing varies."""
        away = (self.points["value"] - self.points["centre"]).to_numpy()
        neighbours = away[1:] * away[:-1]
        squares = np.nansum(away**2)
        return float(np.nansum(neighbours) / squares) if squares > 0 else np.nan

    def variation(self, *, better: str = "up") -> str:
        """Say what the latest point shows: improvement, concern or common cause.

        The words of NHS "Making Data Count". Special cause on either side counts as
        improvement or concern by the direction that is `better`, "up" or "down";
        with "neither" it is "special cause, high" or "special cause, low".
        """
        known = self.points["value"].notna()
        return str(self.words(better=better)[known].iloc[-1])

    def words(self, *, better: str = "up") -> pd.Series:
        """For each point what `variation` says of the latest; empty for a gap."""
        check_option("better", better, BETTER)
        high, low = {
            "up": ("improvement", "concern"),
            "down": ("concern", "improvement"),
            "neither": ("special cause, high", "special cause, low"),
        }[better]
        named = self.points["direction"].map({1: high, -1: low, 0: "common cause"})
        return named.where(self.points["value"].notna(), "")

    def assurance(self, *, better: str = "up") -> str:
        """Say whether the process, as it is, meets its target.

        "consistently passing" and "consistently failing" where both limits lie
        beyond the target on one side, "hit and miss" where it is between or on
        them, "no target" and "no limits" where one is lacking.
        """
        check_option("better", better, ("up", "down"))
        if self.target is None:
            return "no target"
        last = self.latest
        if np.isnan(last["lower"]) or np.isnan(last["upper"]):
            return "no limits"
        lines, target = (
            last[["lower", "upper"]].to_numpy(float),
            np.full(2, self.target),
        )
        sides = side_of(lines, target)
        if abs(sides.sum()) < 2:
            return "hit and miss"
        passes = (sides[0] > 0) == (better == "up")
        return "consistently passing" if passes else "consistently failing"

    def finding(
        self, *, better: str = "up", digits: int = 1, latest: str | None = None
    ) -> str:
        """What the chart shows in two or three sentences, as a text in its place.

        `latest` is how the last value is written, where no figure may be.
        """
        check_option("better", better, BETTER)
        known = self.points[self.points["value"].notna()]
        last, n_gaps = self.latest, len(self.points) - len(known)
        gaps = f" and {n_gaps} missing" * bool(n_gaps)
        first, end = name_of(known.index[0]), name_of(last.name)
        told = [f"{len(known)} points{gaps} from {first} to {end}."]
        at = f"The latest is {latest or format(last['value'], f'.{digits}f')}"
        if np.isnan(last["upper"]):
            told.append(f"{at}; there are too few points for limits.")
        else:
            trial = "trial " * self.is_trial
            told.append(
                f"{at}; the centre is {last['centre']:.{digits}f}, the {trial}limits "
                f"are {last['lower']:.{digits}f} and {last['upper']:.{digits}f}."
            )
            told.append(self._meaning(better))
        if self.target is not None and better != "neither":
            met = self.assurance(better=better)
            told.append(f"Against the target of {self.target:g}: {met}.")
        return " ".join(told)

    def _meaning(self, better: str) -> str:
        if self.rules.name == "none":
            return "No rule is applied."
        last = self.latest
        why = {
            "outside": "it is outside the limits",
            "side": f"{self.rules.side_run} or more points run on one side of the "
            "centre",
            "trend": f"{self.rules.trend_run} or more points all "
            + ("rise" if last["direction"] > 0 else "fall"),
            "two_of_three": "two of three points are near one limit",
        }
        spoke = [text for rule, text in why.items() if last[rule]]
        if not spoke:
            return "It shows common cause: no more than the variation that is usual."
        return f"It shows {self.variation(better=better)}: {', and '.join(spoke)}."

    def to_frame(self) -> pd.DataFrame:
        return self.points

    def _about(self) -> Sequence[str]:
        known = int(self.points["value"].notna().sum())
        of = " of the last phase" * bool(self.steps)
        return (
            f"{self.method} chart of {known} points; limits from the first "
            f"{self.n_baseline}{of}.",
            str(self.rules),
            *(f"Step change, {step}." for step in self.steps),
        )

    def _caveats(self) -> Sequence[str]:
        told = []
        if self.is_trial:
            told.append(
                f"Limits from {self.n_baseline} points are trial limits; {TRIAL} or "
                "more settle."
            )
        if self.points["upper"].isna().any():
            told.append("Where a phase has fewer than 3 points there are no limits.")
        known = int(self.points["value"].notna().sum())
        if known >= SERIES and self.autocorrelation > NARROW:
            told.append(
                f"Neighbours correlate by {self.autocorrelation:.2f}: limits are too "
                "narrow, and rules speak too often."
            )
        return told

    def plot(self, ax: Axes | None = None, *, better: str = "up") -> Axes:
        """Draw the points, their intervals where known, limits and signals."""
        return draw(self, ax, better=better)
