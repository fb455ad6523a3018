"""Control charts of scores over time (Montgomery, 2013, chapter 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import gammaln

from ..annotations import PerPerson
from ..errors import InvalidOption, InvalidResponses
from ..score_column import score_column
from ..variation import ROUNDING
from .control_limits import (
    FEWEST,
    StepChange,
    baselines,
    moving_range_limits,
    phases,
)
from .control_result import ControlChart
from .control_rules import D2, RuleSet, marked, rule_set
from .control_times import in_order, place_of
from .intervals import mean_interval
from .paired_scores import in_order_of


def xmr_chart(
    values: PerPerson,
    *,
    baseline: int | None = None,
    rules: str | RuleSet = "nelson",
    screening: str | None = None,
    steps: Sequence[StepChange] = (),
    target: float | None = None,
    every: str | None = None,
) -> ControlChart:
    """Individuals chart with moving-range limits (Montgomery, 2013, section 6.4).

    Fits one figure a period, such as a response rate or the monthly mean of one team.

    Parameters
    ----------
    values : Series or array, shape (n_points,)
        NaN for a period without a value, which is drawn as a gap. A Series labelled
        by dates is sorted; see `every`.
    baseline : int, optional
        Points from the start of each phase that set its limits; without it, all.
    rules : str or RuleSet
        The name of one of `RULE_SETS`, such as "making_data_count".
    screening : "none", "ranges" or "ranges_and_mean", optional
        Whether large moving ranges are left out once; as the rule set has it.
    steps : sequence of StepChange
        Where limits are made anew, each with its reason.
    target : float, optional
        What the values are to reach.
    every : "day", "week", "month", "quarter" or "year", optional
        Values labelled by dates are one for each of these, gaps where there is none.

    Returns
    -------
    ControlChart
        The points with their centre and limits, in the units of `values`.

    Raises
    ------
    InvalidResponses
        Fewer than three points, a period twice, or a step change where no point is.
    InvalidOption
        No rule set has the name.

    Examples
    --------
    >>> chart = xmr_chart([10, 12, 11, 13, 12, 11, 10, 12])
    >>> round(float(chart.to_frame()["upper"].iloc[0]), 2)
    15.17
    """
    rules = rule_set(rules)
    if screening is not None:
        rules = replace(rules, screening=screening)
    series = in_order(values, every=every)
    phase = phases(series, steps)
    chosen = baselines(series, phase, baseline)
    array = series.to_numpy()
    made = np.array([moving_range_limits(array, places, rules) for places in chosen])
    if np.isnan(made[0, 1]):
        raise InvalidResponses("no two points are neighbours in time; no limits follow")
    centre, ranges = made[phase].T
    frame = _limits(series, centre, rules.limits * ranges)
    flags = marked(
        array, centre, rules.limits * ranges, rules.near_limits * ranges, phase, rules
    )
    chart = frame.assign(**flags, phase=phase)
    return _chart(chart, "XmR", len(chosen[-1]), 1.0, rules, steps, target)


def group_mean_chart(
    means: PerPerson,
    sizes: PerPerson,
    *,
    sd: float,
    rounding: float | PerPerson = 0.0,
    baseline: int | None = None,
    widen: bool = True,
    rules: str | RuleSet = "making_data_count",
    steps: Sequence[StepChange] = (),
    target: float | None = None,
    every: str | None = None,
) -> ControlChart:
    """x-bar chart of means of groups whose standard deviation is known beforehand.

    For a team's groups of ten people: `sd` is pooled within all teams, so that limits
    need no spread of the team's own (Montgomery, 2013, section 6.2; Laney, 2002, for
    `widen`: variation between groups beyond that of sampling).

    Parameters
    ----------
    means, sizes : Series or array, shape (n_points,)
        The mean of each group (NaN: a gap) and its people; two Series are matched by
        label.
    sd : float
        Standard deviation of single scores within teams, above 0.
    rounding : float or array, shape (n_points,)
        Variance that rounding added to each mean.
    baseline, rules, steps, target, every
        As in `xmr_chart`.
    widen : bool
        Widen the limits by the variation between groups; they are never narrower.

    Returns
    -------
    ControlChart
        The means with their centre and limits, in the units of `means`.

    Raises
    ------
    InvalidOption
        `sd` is not above 0, or `rounding` is below 0.
    InvalidResponses
        A mean has no size of at least 1, or as in `xmr_chart`.

    Examples
    --------
    >>> chart = group_mean_chart([55, 60, 50, 55], [10, 10, 10, 10], sd=20.0)
    >>> round(float(chart.to_frame()["upper"].iloc[0]), 2)
    73.97
    """
    rules = rule_set(rules)
    coarse = np.asarray(rounding, float)
    if not (np.isfinite(sd) and sd > 0 and (coarse >= 0).all()):
        raise InvalidOption(f"sd is {sd} and rounding {rounding}; give sd above 0")
    raw = pd.Series(means)
    if not isinstance(sizes, pd.Series) and len(np.asarray(sizes)) != len(raw):
        raise InvalidResponses(f"{len(np.asarray(sizes))} sizes for {len(raw)} means")
    sizes = in_order_of(means, sizes)
    added = pd.Series(np.broadcast_to(coarse, len(raw)), index=raw.index)
    series = in_order(raw, every=every)
    n = in_order(pd.Series(score_column(sizes, "sizes"), index=raw.index), every=every)
    if not (n[series.notna()] >= 1).all():
        raise InvalidResponses("a mean has no size; give at least 1 person for each")
    n = n.where(n >= 1)  # of a gap nobody may be counted
    phase = phases(series, steps)
    chosen = baselines(series, phase, baseline)
    spread = np.sqrt((sd**2 / n + in_order(added, every=every)).to_numpy(float))
    centre, factors = np.full(len(n), np.nan), np.ones(len(n))
    for k, places in enumerate(chosen):
        if len(places) < FEWEST:
            continue
        centre[phase == k] = np.average(series.iloc[places], weights=n.iloc[places])
        if widen:
            away = (series.iloc[places] - centre[places]) / spread[places]
            factors[phase == k] = max(1.0, _laney(away.to_numpy()))
    spread = spread * factors
    flags = marked(series.to_numpy(), centre, 3 * spread, 2 * spread, phase, rules)
    frame = _limits(series, centre, 3 * spread)
    chart = frame.assign(n=n, **flags, phase=phase)
    factor = float(factors[-1])
    return _chart(chart, "x-bar", len(chosen[-1]), factor, rules, steps, target)


def _chart(
    points: pd.DataFrame,
    method: str,
    n_baseline: int,
    sigma_z: float,
    rules: RuleSet,
    steps: Sequence[StepChange],
    target: float | None,
) -> ControlChart:
    if target is not None and not np.isfinite(target):
        raise InvalidOption(f"target is {target}; give a number or leave it out")
    in_time = tuple(sorted(steps, key=lambda step: place_of(points.index, step.at)))
    return ControlChart(
        points=points,
        method=method,
        n_baseline=n_baseline,
        sigma_z=sigma_z,
        rules=rules,
        steps=in_time,
        target=target,
    )


def xbar_s_chart(
    values: PerPerson,
    subgroups: PerPerson,
    *,
    clusters: str | PerPerson | None = None,
    baseline: int | None = None,
    widen: bool = False,
    rules: str | RuleSet = "nelson",
    target: float | None = None,
) -> ControlChart:
    """x-bar chart of subgroup means with s-based limits (Montgomery, 2013, 6.3).

    Subgroups may differ in size. With `clusters` each mean's interval is CR2
    (`mean_interval`). With `widen` the limits carry Laney's (2002) sigma_z, the
    variation between subgroups beyond sampling error: large subgroups otherwise
    signal at every trifle.

    Parameters
    ----------
    values, subgroups : array, shape (n,)
        Scores (NaN left out) and the period of each; periods are sorted. Two Series
        are matched by label.
    clusters : array, shape (n,), optional
        Team or person of each score.
    baseline : int, optional
        Periods from the start that set the limits; without it, all of them.
    widen : bool
        Widen the limits by the variation between subgroups.
    rules : str or RuleSet
        The name of one of `RULE_SETS`.
    target : float, optional
        What the means are to reach.

    Returns
    -------
    ControlChart
        The means with their centre and limits, in the units of `values`.

    Raises
    ------
    InvalidResponses
        No period with two scores that differ, or fewer periods than limits can rest on.
    InvalidOption
        No rule set has the name.

    Examples
    --------
    >>> values = [50, 54, 52, 49, 53, 51, 55, 50]
    >>> chart = xbar_s_chart(values, [1, 1, 2, 2, 3, 3, 4, 4])
    >>> round(float(chart.to_frame()["centre"].iloc[0]), 2)
    51.75
    """
    rules = rule_set(rules)
    subgroups = in_order_of(values, subgroups)
    clusters = None if clusters is None else in_order_of(values, clusters)
    scores = pd.Series(score_column(values))
    known = scores.notna().to_numpy()
    by_period = scores[known].groupby(np.asarray(subgroups)[known])
    mean, n, s = by_period.mean(), by_period.size(), by_period.std(ddof=1)
    phase = np.zeros(len(mean), int)
    n_baseline = len(baselines(mean, phase, baseline)[0])
    early = n.index[:n_baseline]
    centre = (mean * n)[early].sum() / n[early].sum()
    free = (n[early] - 1).clip(lower=0)
    if free.sum() == 0:
        raise InvalidResponses("no period has two scores; use xmr_chart of the means")
    pooled = float(np.sqrt((free * s[early].fillna(0) ** 2).sum() / free.sum()))
    if not pooled > ROUNDING * np.abs(mean).max():
        raise InvalidResponses(
            "the scores of each period are all alike; use xmr_chart of the means"
        )
    c4 = float(_c4(np.asarray(free.sum() + 1)))
    sigma = pooled / c4
    spread = sigma / np.sqrt(n.to_numpy())
    sigma_z = _laney((mean - centre).to_numpy()[:n_baseline] / spread[:n_baseline])
    factor = max(1.0, sigma_z) if widen else 1.0
    spread = spread * factor
    centres = np.full(len(mean), centre)
    frame = _limits(mean, centres, 3 * spread)
    frame = frame.assign(n=n, s=s, **_s_limits(n, sigma))
    frame = frame.assign(**_intervals(scores, subgroups, clusters, mean))
    flags = marked(mean.to_numpy(), centres, 3 * spread, 2 * spread, phase, rules)
    chart = frame.assign(**flags, phase=phase)
    return _chart(chart, "x-bar/s", n_baseline, float(factor), rules, (), target)


def _s_limits(n: pd.Series, sigma: float) -> dict[str, np.ndarray]:
    """Return three-sigma limits of each period's standard deviation (B5, B6)."""
    c4 = _c4(n.where(n > 1).to_numpy(float))
    wide = 3 * sigma * np.sqrt(1 - c4**2)
    return {"s_lower": (c4 * sigma - wide).clip(0), "s_upper": c4 * sigma + wide}


def _laney(z: np.ndarray) -> float:
    return np.abs(np.diff(z)).mean() / D2


def _c4(n: np.ndarray) -> np.ndarray:
    """Return the bias of the standard deviation of n normal values."""
    return np.sqrt(2 / (n - 1)) * np.exp(gammaln(n / 2) - gammaln((n - 1) / 2))


def _intervals(
    scores: pd.Series,
    subgroups: PerPerson,
    clusters: PerPerson | None,
    mean: pd.Series,
) -> dict[str, list[float]]:
    period = np.asarray(subgroups)
    every = [
        mean_interval(
            scores[period == label],
            clusters=(
                None if clusters is None else np.asarray(clusters)[period == label]
            ),
        )
        for label in mean.index
    ]
    return {
        "interval_lower": [one.lower for one in every],
        "interval_upper": [one.upper for one in every],
    }


def _limits(series: pd.Series, centre: np.ndarray, limit: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "value": series,
            "centre": centre,
            "lower": centre - limit,
            "upper": centre + limit,
        }
    )
