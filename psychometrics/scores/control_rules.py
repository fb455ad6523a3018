"""Rule sets of control charts by name, and which points each rule marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..errors import InvalidOption
from ..options import check_option

RULES = ("outside", "side", "trend", "two_of_three")
D2 = 1.128379167095513  # mean range of two normal values, 2 / sqrt(pi)
SCREENINGS = ("none", "ranges", "ranges_and_mean")
NEAR = 1e-12  # share of the largest number within which two of them are equal


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """Which patterns of points count as special cause, and which points are marked.

    Use one of `RULE_SETS` by its name, or vary one by `dataclasses.replace`.

    Attributes
    ----------
    side_run, trend_run : int
        Points running on one side of the centre, and points all rising or all
        falling. A point on the centre ends a run on one side. 0: no such rule.
    ties : "end" or "pass"
        Whether equal neighbours end a trend, or neither count nor end it.
    two_of_three : "beyond", "band" or "none"
        Two of three points more than two sigma from the centre, on one side of it;
        with "band" those beyond three sigma do not count.
    marks : "all" or "last"
        Whether every point of a pattern is marked or the one that completes it. Of
        two of three only points that are beyond two sigma themselves are marked.
    gaps : "pass" or "end"
        Whether a missing period ends runs, or neither counts nor ends them.
    limits, near_limits : float
        Three and two sigma as multiples of the mean moving range.
    screening : "none", "ranges" or "ranges_and_mean"
        Whether moving ranges of 3.267 times their mean or more are left out once
        before limits are made; and the points that end them out of the mean.
    """

    name: str
    side_run: int
    trend_run: int
    ties: str = "end"
    two_of_three: str = "beyond"
    marks: str = "all"
    gaps: str = "pass"
    limits: float = 3 / D2
    near_limits: float = 2 / D2
    screening: str = "none"
    has_outside: bool = True

    def __post_init__(self) -> None:
        check_option("ties", self.ties, ("end", "pass"))
        check_option("two_of_three", self.two_of_three, ("beyond", "band", "none"))
        check_option("marks", self.marks, ("all", "last"))
        check_option("gaps", self.gaps, ("pass", "end"))
        check_option("screening", self.screening, SCREENINGS)
        for name in ("side_run", "trend_run"):
            if getattr(self, name) not in (0, *range(3, 100)):
                raise InvalidOption(f"{name} is {getattr(self, name)}; give 0 or 3-99")

    def __str__(self) -> str:
        """The rules in a sentence."""
        told = ["one point outside three sigma"] * self.has_outside
        if self.side_run:
            told.append(f"{self.side_run} running on one side of the centre")
        if self.trend_run:
            does = "end it" if self.ties == "end" else "neither count nor end it"
            told.append(f"{self.trend_run} all rising or all falling (ties {does})")
        if self.two_of_three != "none":
            band = " and not beyond three" * (self.two_of_three == "band")
            told.append(f"two of three beyond two sigma{band} on one side")
        if not told:
            return "No rule speaks."
        which = "every point" if self.marks == "all" else "the completing point"
        return f"Rules ({self.name}): {'; '.join(told)}; {which} is marked."


_NHS = RuleSet(
    name="making_data_count",
    side_run=7,
    trend_run=7,
    limits=2.66,
    near_limits=1.77,
    screening="ranges",
)
_SETS = (
    RuleSet(name="nelson", side_run=8, trend_run=6, marks="last"),
    _NHS,
    replace(_NHS, name="making_data_count_trend_6", trend_run=6),
    replace(_NHS, name="making_data_count_ties_pass", ties="pass"),
    replace(_NHS, name="making_data_count_before_2023", two_of_three="band"),
    replace(_NHS, name="making_data_count_unscreened", screening="none"),
    replace(_NHS, name="making_data_count_screened_mean", screening="ranges_and_mean"),
    RuleSet(
        name="none", side_run=0, trend_run=0, two_of_three="none", has_outside=False
    ),
)
RULE_SETS = {each.name: each for each in _SETS}


def rule_set(rules: str | RuleSet) -> RuleSet:
    """The rule set of a name; a rule set is itself.

    Raises
    ------
    InvalidOption
        No set has the name.
    """
    if isinstance(rules, RuleSet):
        return rules
    check_option("rules", rules, RULE_SETS)
    return RULE_SETS[rules]


def side_of(values: np.ndarray, line: np.ndarray) -> np.ndarray:
    """1 above a line, -1 below it, 0 on it or where either is missing.

    What differs by no more than rounding in the last places is on the line.
    """
    away = values - line
    largest = np.fmax.reduce(np.abs(np.concatenate([values, line])), initial=0.0)
    return np.where(np.abs(away) > NEAR * largest, np.sign(away), 0.0)


def marked(
    values: np.ndarray,
    centre: np.ndarray,
    limit: np.ndarray,
    near: np.ndarray,
    phase: np.ndarray,
    rules: RuleSet,
) -> dict[str, np.ndarray]:
    """Which points each rule marks, and in which direction they are special.

    Parameters
    ----------
    values : array, shape (n_points,)
        In the order of time, NaN where a period is missing.
    centre, limit, near : array, shape (n_points,)
        The centre and how far three and two sigma are from it; NaN: no limits yet.
    phase : array, shape (n_points,)
        Runs end where it changes.

    Returns
    -------
    dict
        A boolean array for each rule; `direction` is 1, -1 or, unmarked, 0.
    """
    flags = {rule: np.zeros(len(values), bool) for rule in RULES}
    direction = np.zeros(len(values))
    side = side_of(values, centre)
    beyond = _beyond(values, centre, near, side)
    outside = _beyond(values, centre, limit, side)
    for at in _stretches(values, phase, rules.gaps):
        trend = _trend(values[at], rules)
        flags["trend"][at] = trend != 0
        # No limits, no centre: what has fewer than three points has no rule.
        direction[at] = trend
        flags["side"][at] = _runs(side[at], rules.side_run, rules.marks)
        if rules.two_of_three != "none":
            own = beyond[at]
            if rules.two_of_three == "band":
                own = np.where(outside[at] == 0, own, 0)
            flags["two_of_three"][at] = _pairs(own, rules.marks)
    if rules.has_outside:
        flags["outside"] = outside != 0
    by_side = flags["outside"] | flags["side"] | flags["two_of_three"]
    return flags | {"direction": np.where(by_side, side, direction).astype(int)}


def _beyond(
    values: np.ndarray, centre: np.ndarray, width: np.ndarray, side: np.ndarray
) -> np.ndarray:
    """1 or -1 for points strictly farther from the centre than `width`, else 0."""
    return np.where(side_of(values, centre + side * width) == side, side, 0.0)


def _stretches(
    values: np.ndarray, phase: np.ndarray, gaps: str
) -> Iterator[np.ndarray]:
    """Places of the known points that rules read together."""
    known = ~np.isnan(values)
    group = phase.astype(int)
    if gaps == "end":
        group = np.cumsum(~known | (np.diff(phase, prepend=phase[:1]) != 0))
    for each in np.unique(group[known]):
        yield np.flatnonzero(known & (group == each))


def _runs(signs: np.ndarray, least: int, marks: str) -> np.ndarray:
    """Points in runs of `least` and more equal signs that are not 0."""
    flags = np.zeros(len(signs), bool)
    if not least:
        return flags
    ends = np.flatnonzero(np.diff(signs)) + 1
    for first, last in zip((0, *ends), (*ends, len(signs))):
        if last - first >= least and signs[first]:
            flags[first if marks == "all" else first + least - 1 : last] = True
    return flags


def _trend(values: np.ndarray, rules: RuleSet) -> np.ndarray:
    """1 or -1 for points of a rise or fall of enough points, else 0.

    A trend goes from the start of its first step to the end of its last one.
    """
    sign = np.zeros(len(values))
    if not rules.trend_run or len(values) < rules.trend_run:
        return sign
    step = side_of(values[1:], values[:-1])
    counted = np.arange(len(step)) if rules.ties == "end" else np.flatnonzero(step)
    steps, start = step[counted], 0
    for stop in (*(np.flatnonzero(np.diff(steps)) + 1), len(steps)):
        if stop - start >= rules.trend_run - 1 and steps[start]:
            first = counted[start]
            if rules.marks == "last":
                first = counted[start + rules.trend_run - 2] + 1
            inside = slice(first, counted[stop - 1] + 2)
            sign[inside] = steps[start]
        start = stop
    return sign


def _pairs(beyond: np.ndarray, marks: str) -> np.ndarray:
    """Points beyond that have another one on their side at most two places away."""
    flags = np.zeros(len(beyond), bool)
    for gap in (1, 2):
        pair = (beyond[gap:] == beyond[:-gap]) & (beyond[gap:] != 0)
        flags[gap:] |= pair
        if marks == "all":
            flags[: len(beyond) - gap] |= pair
    return flags
