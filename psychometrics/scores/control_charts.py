"""Control charts of scores over time, and the rules that read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaln

from ..annotations import Axes, PerPerson
from ..errors import InvalidResponses
from ..figures import BLUE, ORANGE, finish
from ..results import Result, axes
from .intervals import mean_interval

SIDE_RUN, TREND_RUN = 8, 6
D2 = 1.128379167095513  # mean range of two normal values, 2 / sqrt(pi)


@dataclass(frozen=True, eq=False)
class ControlChart(Result):
    """Points over time with centre line, three-sigma limits and rule flags."""

    points: pd.DataFrame
    method: str
    n_baseline: int
    sigma_z: float = 1.0  # Laney's factor; 1 where limits were not widened

    @property
    def signals(self) -> pd.DataFrame:
        """The points at which some rule spoke, with the rules as columns."""
        rules = self.points[["outside", "side", "trend", "two_of_three"]]
        return rules[rules.any(axis=1)]

    def variation(self, *, better: str = "up") -> str:
        """Say what the latest point shows: improvement, concern or common cause.

        The words of NHS "Making Data Count". Special cause on either side counts as
        improvement or concern by the direction that is `better`, "up" or "down".
        """
        latest = self.points.iloc[-1]
        if not latest[["outside", "side", "trend", "two_of_three"]].any():
            return "common cause"
        if latest["trend"] and not latest[["outside", "side", "two_of_three"]].any():
            is_high = latest["value"] > self.points["value"].iloc[-2]
        else:
            is_high = latest["value"] > latest["centre"]
        return "improvement" if is_high == (better == "up") else "concern"

    def to_frame(self) -> pd.DataFrame:
        return self.points

    def _about(self) -> Sequence[str]:
        return (
            f"{self.method} chart of {len(self.points)} points; "
            f"limits from the first {self.n_baseline}.",
            "Rules: one point outside three sigma; eight on one side; six rising or "
            "falling; two of three beyond two sigma.",
        )

    def _caveats(self) -> Sequence[str]:
        if self.n_baseline >= 12:
            return ()
        return (
            f"Limits from {self.n_baseline} points are provisional; 12 or more settle.",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the points, their intervals where known, and the limits."""
        frame = self.points
        ax, at = axes(ax, columns=len(frame)), np.arange(len(frame))
        names = {"centre": ("-", "centre"), "upper": ("--", "three-sigma limits")}
        for name, (style, label) in (names | {"lower": ("--", None)}).items():
            ax.plot(at, frame[name], style, color="0.35", linewidth=1, label=label)
        if "interval_lower" in frame:
            reach = (frame["interval_lower"], frame["interval_upper"])
            ax.vlines(at, *reach, color=BLUE, alpha=0.4, label="interval")
        ax.plot(at, frame["value"], "o-", color=BLUE, markersize=4, label="value")
        told = frame.index.isin(self.signals.index)
        style = {"color": ORANGE, "markersize": 10, "markerfacecolor": "none"}
        if told.any():
            ax.plot(at[told], frame["value"][told], "s", label="a rule spoke", **style)
        every = max(1, len(frame) // 24)
        ax.set_xticks(at[::every], [str(label) for label in frame.index[::every]])
        ax.tick_params(axis="x", rotation=90 if len(frame) > 8 else 0)
        title = (
            f"{self.method} chart of {len(frame)} points, {told.sum()} with a signal"
        )
        return finish(
            ax, title, x=str(frame.index.name or "point"), y="value", key=True
        )


def xmr_chart(values: PerPerson, *, baseline: int | None = None) -> ControlChart:
    """Individuals chart with moving-range limits (Montgomery, 2013, section 6.4).

    Sigma is the mean moving range over 1.128. Fits one figure a period, such as a
    response rate or the monthly mean of one team.

    Parameters
    ----------
    values : Series or array, shape (n_points,)
        In the order of time; no gaps.
    baseline : int, optional
        Points from the start that set the limits; without it, all of them.

    Returns
    -------
    ControlChart
        The points with their centre and limits, in the units of `values`.

    Raises
    ------
    InvalidResponses
        A gap, or fewer points than limits can rest on.

    Examples
    --------
    >>> found = xmr_chart([10, 12, 11, 13, 12, 11, 10, 12])
    >>> round(float(found.to_frame()["upper"].iloc[0]), 2)
    15.17
    """
    series = pd.Series(values, dtype=float)
    n_baseline = _check_points(series, baseline)
    early = series.to_numpy()[:n_baseline]
    centre = early.mean()
    sigma = np.abs(np.diff(early)).mean() / D2
    spread = np.full(len(series), sigma)
    frame = _limits(series, np.full(len(series), centre), spread)
    return ControlChart(frame.assign(**_rules(frame, spread)), "XmR", n_baseline)


def xbar_s_chart(
    values: PerPerson,
    subgroups: PerPerson,
    *,
    clusters: str | PerPerson | None = None,
    baseline: int | None = None,
    widen: bool = False,
) -> ControlChart:
    """x-bar chart of subgroup means with s-based limits (Montgomery, 2013, 6.3).

    Subgroups may differ in size. With `clusters` each mean's interval is CR2
    (`mean_interval`). With `widen` the limits carry Laney's (2002) sigma_z, the
    variation between subgroups beyond sampling error: large subgroups otherwise
    signal at every trifle.

    Parameters
    ----------
    values, subgroups : array, shape (n,)
        Scores (NaN left out) and the period of each; periods are sorted.
    clusters : array, shape (n,), optional
        Team or person of each score.
    baseline : int, optional
        Periods from the start that set the limits; without it, all of them.
    widen : bool
        Widen the limits by the variation between subgroups.

    Returns
    -------
    ControlChart
        The means with their centre and limits, in the units of `values`.

    Raises
    ------
    InvalidResponses
        No period with two scores, or fewer periods than limits can rest on.

    Examples
    --------
    >>> values = [50, 54, 52, 49, 53, 51, 55, 50]
    >>> found = xbar_s_chart(values, [1, 1, 2, 2, 3, 3, 4, 4])
    >>> round(float(found.to_frame()["centre"].iloc[0]), 2)
    51.75
    """
    scores = pd.Series(np.asarray(values, float))
    known = scores.notna().to_numpy()
    by_period = scores[known].groupby(np.asarray(subgroups)[known])
    mean, n, s = by_period.mean(), by_period.size(), by_period.std(ddof=1)
    n_baseline = _check_points(mean, baseline)
    early = n.index[:n_baseline]
    centre = (mean * n)[early].sum() / n[early].sum()
    free = (n[early] - 1).clip(lower=0)
    if free.sum() == 0:
        raise InvalidResponses("no period has two scores; use xmr_chart of the means")
    pooled = np.sqrt((free * s[early].fillna(0) ** 2).sum() / free.sum())
    spread = (pooled / _c4(free.sum() + 1) / np.sqrt(n)).to_numpy()
    sigma_z = _laney((mean - centre).to_numpy()[:n_baseline] / spread[:n_baseline])
    factor = max(1.0, sigma_z) if widen else 1.0
    spread = spread * factor
    frame = _limits(mean, np.full(len(mean), centre), spread)
    frame = frame.assign(n=n, s=s, **_s_limits(n, pooled))
    frame = frame.assign(**_intervals(scores, subgroups, clusters, mean))
    chart = frame.assign(**_rules(frame, spread))
    return ControlChart(chart, "x-bar/s", n_baseline, float(factor))


def _s_limits(n: pd.Series, sigma: float) -> dict[str, pd.Series]:
    """Return three-sigma limits of each period's standard deviation (B5, B6)."""
    c4 = _c4(n.where(n > 1).astype(float))
    wide = 3 * sigma * np.sqrt(1 - c4**2)
    return {"s_lower": (c4 * sigma - wide).clip(lower=0), "s_upper": c4 * sigma + wide}


def _laney(z: np.ndarray) -> float:
    return np.abs(np.diff(z)).mean() / D2


def _c4(n: pd.Series | int) -> pd.Series | float:
    """Return the bias of the standard deviation of n normal values."""
    return np.sqrt(2 / (n - 1)) * np.exp(gammaln(n / 2) - gammaln((n - 1) / 2))


def _intervals(
    scores: pd.Series,
    subgroups: np.ndarray,
    clusters: np.ndarray | None,
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


def _check_points(series: pd.Series, baseline: int | None) -> int:
    if series.isna().any():
        raise InvalidResponses(
            f"point {series.index[series.isna().argmax()]} has no value; leave it out"
        )
    n_baseline = len(series) if baseline is None else baseline
    if not 3 <= n_baseline <= len(series):
        raise InvalidResponses(
            f"limits from {n_baseline} of {len(series)} points; at least 3 are needed"
        )
    return n_baseline


def _limits(
    series: pd.Series, centre: np.ndarray, spread: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    return pd.DataFrame(
        {
            "value": series,
            "centre": centre,
            "lower": centre - 3 * spread,
            "upper": centre + 3 * spread,
        }
    )


def _rules(frame: pd.DataFrame, spread: np.ndarray) -> dict[str, np.ndarray]:
    """Return where each rule speaks (Nelson, 1984; runs of 8 and 6 as in Montgomery).

    A rule marks the point that completes its pattern.
    """
    away = (frame["value"] - frame["centre"]).to_numpy()
    beyond = np.where(away == 0, 0.0, np.copysign(np.inf, away))
    sigmas = np.divide(away, spread, out=beyond, where=spread > 0)
    step = np.sign(np.diff(frame["value"].to_numpy(), prepend=np.nan))
    two = [_window(side * sigmas > 2, 3) >= 2 for side in (1, -1)]
    here = [side * sigmas > 2 for side in (1, -1)]
    return {
        "outside": np.abs(sigmas) > 3,
        "side": _run(np.sign(away)) >= SIDE_RUN,
        "trend": _run(step) >= TREND_RUN - 1,
        "two_of_three": (two[0] & here[0]) | (two[1] & here[1]),
    }


def _run(signs: np.ndarray) -> np.ndarray:
    """Return for each point how long its sign has lasted; 0 for no sign."""
    lasted = np.zeros(len(signs), int)
    for i, sign in enumerate(signs):
        if sign in (1, -1):
            lasted[i] = 1 + (lasted[i - 1] if i and signs[i - 1] == sign else 0)
    return lasted


def _window(flags: np.ndarray, width: int) -> np.ndarray:
    return np.convolve(flags, np.ones(width, int))[: len(flags)]
