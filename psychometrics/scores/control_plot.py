"""The picture of a control chart: signals by shape and colour, steps and a target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..annotations import Axes
from ..figures import BLUE, GREY, ORANGE, finish
from ..results import axes
from .control_times import name_of

if TYPE_CHECKING:
    import pandas as pd

    from .control_result import ControlChart

# A shape and a tone for each meaning: they differ in grey and on paper.
SIGNALS: dict[str, dict[str, Any]] = {
    "improvement": {"marker": "D", "color": BLUE, "markersize": 8},
    "concern": {
        "marker": "s",
        "color": ORANGE,
        "markersize": 9,
        "markerfacecolor": "white",
        "markeredgewidth": 2,
    },
    "special cause, high": {"marker": "^", "color": "black", "markersize": 8},
    "special cause, low": {"marker": "v", "color": "black", "markersize": 8},
}


def draw(chart: ControlChart, ax: Axes | None, *, better: str) -> Axes:
    """Draw points, limits and signals; lines end at gaps and at step changes."""
    frame = chart.points
    words = chart.words(better=better)
    ax, at = axes(ax, columns=len(frame)), np.arange(len(frame))
    _draw_limits(chart, ax, at)
    if "interval_lower" in frame:
        reach = (frame["interval_lower"], frame["interval_upper"])
        ax.vlines(at, *reach, color=BLUE, alpha=0.4, label="interval")
    for k, here in _by_phase(frame["phase"]):
        label = "value" if k == 0 else None
        ax.plot(
            at[here],
            frame["value"].iloc[here],
            "o-",
            label=label,
            color=GREY,
            markersize=4,
        )
    for word, style in SIGNALS.items():
        told = (words == word).to_numpy()
        if told.any():
            drawn = {"linestyle": "none", "label": word} | style
            ax.plot(at[told], frame["value"][told], **drawn)
    every = max(1, len(frame) // 24)
    ax.set_xticks(at[::every], [name_of(label) for label in frame.index[::every]])
    ax.tick_params(axis="x", rotation=90 if len(frame) > 8 else 0)
    known = int(frame["value"].notna().sum())
    n_signals = len(chart.signals)
    title = f"{chart.method} chart of {known} points, {n_signals} with a signal"
    return finish(ax, title, x=str(frame.index.name or "point"), y="value", key=True)


def _draw_limits(chart: ControlChart, ax: Axes, at: np.ndarray) -> None:
    frame = chart.points
    limits = "trial limits" if chart.is_trial else "limits"
    for k, here in _by_phase(frame["phase"]):
        lines = {"centre": ("-", "centre"), "upper": ("--", limits)}
        for name, (style, label) in (lines | {"lower": ("--", None)}).items():
            ax.plot(
                at[here],
                frame[name].iloc[here],
                style,
                color="0.35",
                linewidth=1,
                drawstyle="steps-mid",
                label=label if k == 0 else None,
            )
    starts = np.flatnonzero(np.diff(frame["phase"])) + 1
    for start, step in zip(starts, chart.steps):
        ax.axvline(start - 0.5, color="0.25", linestyle=":", linewidth=1)
        ax.annotate(
            step.reason,
            xy=(start - 0.5, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -2),
            textcoords="offset points",
            va="top",
            fontsize=7,
            rotation=90,
        )
    if chart.target is not None:
        name = f"target {chart.target:g}"
        ax.axhline(chart.target, color="black", linestyle="-.", linewidth=1, label=name)


def _by_phase(phase: pd.Series) -> Iterator[tuple[int, np.ndarray]]:
    """Each phase and the places of its points."""
    for k in np.unique(phase):
        yield k, np.flatnonzero(phase == k)
