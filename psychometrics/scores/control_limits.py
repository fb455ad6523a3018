"""Centre and limits of control charts: phases, baselines, screened moving ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InvalidOption, InvalidResponses
from .control_rules import NEAR, RuleSet
from .control_times import Point, name_of, place_of

FEWEST = 3  # points that limits can be made of
TRIAL = 12  # below so many points limits are trial limits
SCREEN = 3.267  # upper limit of moving ranges, D4 of two values


@dataclass(frozen=True, kw_only=True)
class StepChange:
    """Where limits are made anew, from the point at `at` on, and why.

    Raises
    ------
    InvalidOption
        The reason is empty: a signal alone is none.
    """

    at: Point
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise InvalidOption("a step change has no reason; say what changed")

    def __str__(self) -> str:
        return f"{name_of(self.at)}: {self.reason}"


def phases(series: pd.Series, steps: Sequence[StepChange]) -> np.ndarray:
    """Number the points by how many step changes came before them.

    Raises
    ------
    InvalidResponses
        A step change stands at no point, at the first, or where another one does.
    """
    phase = np.zeros(len(series), int)
    for step in steps:
        start = place_of(series.index, step.at)
        if start == 0:
            raise InvalidResponses(f"step change {step} is before the second point")
        if start and phase[start] != phase[start - 1]:
            raise InvalidResponses(f"two step changes stand at {name_of(step.at)}")
        phase[start:] += 1
    return phase


def baselines(
    series: pd.Series, phase: np.ndarray, baseline: int | None
) -> list[np.ndarray]:
    """Places of the points that set the limits of each phase.

    Raises
    ------
    InvalidResponses
        Limits would come from fewer than three points, or from more than there are.
    """
    if not len(series):
        raise InvalidResponses(f"limits from 0 points; at least {FEWEST} are needed")
    known = series.notna().to_numpy()
    chosen = [
        np.flatnonzero(known & (phase == k))[:baseline] for k in range(phase.max() + 1)
    ]
    n_first = len(chosen[0])
    wanted = n_first if baseline is None else baseline
    if not FEWEST <= wanted <= n_first:
        raise InvalidResponses(
            f"limits from {wanted} of {n_first} points; at least {FEWEST} are needed"
        )
    return chosen


def moving_range_limits(
    values: np.ndarray, places: np.ndarray, rules: RuleSet
) -> tuple[float, float]:
    """Mean, and mean moving range, of the points at some places.

    Ranges are between neighbours in time: none is taken over a gap. NaN twice where
    the points are too few, and a range of NaN where no two of them are neighbours.
    """
    if len(places) < FEWEST:
        return np.nan, np.nan
    early = values[places]
    ranges = np.abs(np.diff(early))[np.diff(places) == 1]
    if not len(ranges):
        return early.mean(), np.nan
    kept = np.ones(len(ranges), bool)
    if rules.screening != "none" and ranges.mean() > 0:
        kept = ranges < SCREEN * ranges.mean() * (1 - NEAR)
    if rules.screening == "ranges_and_mean":
        ends = np.flatnonzero(np.diff(places) == 1)[~kept] + 1
        early = np.delete(early, ends)
    return early.mean(), ranges[kept].mean()
