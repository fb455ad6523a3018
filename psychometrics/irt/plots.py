"""Pictures that item response results share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..annotations import Axes
from ..counted import counted
from ..figures import (
    BLUE,
    GREY,
    LINES,
    ORANGE,
    finish,
    line_style,
    mark_style,
    name_rows,
    panels,
)
from ..results import axes

if TYPE_CHECKING:
    import pandas as pd

    from .parameters import ItemParameters

FARTHEST = 6.0  # theta; beyond it there is nobody to compare a threshold with


def draw_information(information: pd.Series, n_items: int, ax: Axes) -> Axes:
    """Draw test information along theta, its standard error on a scale at the right."""
    theta = information.index
    ax.plot(theta, information, color=BLUE, label="information (left scale)")
    ax.plot([], [], "--", color=ORANGE, label="standard error (right scale)")
    ax.set_ylim(0, None)
    right = ax.twinx()
    right.plot(theta, information**-0.5, "--", color=ORANGE)
    right.set_ylabel("standard error of theta")
    right.set_ylim(0, min(2.0, 1.05 * (information**-0.5).max()))
    right.spines["top"].set_visible(False)
    finish(
        ax,
        f"Information of {n_items} items along theta",
        x="theta",
        y="test information",
        key=True,
    )
    ax.spines["right"].set_visible(True)
    return ax


def draw_expected(shown: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw expected answers, theta x items: curves of up to eight items, or panels."""
    title, names = f"Answers expected to {counted(shown.shape[1], 'item')}", list(shown)
    words = {"x": "theta", "y": "expected answer"}
    if len(names) <= len(LINES):
        ax = axes(ax)
        for k, item in enumerate(names):
            style = line_style(k, len(shown))
            ax.plot(shown.index, shown[item], label=str(item), **style)
        return finish(ax, title, **words, key=True)
    ax = axes(ax, rows=4.2 * -(-len(names) // 5))
    for small, item in zip(panels(ax, names, shared=True), names):
        small.plot(shown.index, shown[item], color=BLUE)
        small.set_ylim(shown.to_numpy().min(), shown.to_numpy().max())
    return finish(ax, title, **words)


def draw_slopes(slopes: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw one row an item and one mark a dimension; a fixed nought is left out."""
    ax = axes(ax, rows=len(slopes))
    at = name_rows(ax, slopes.index)
    for k, name in enumerate(slopes.columns):
        free = (slopes[name] != 0).to_numpy()
        ax.plot(slopes[name][free], at[free], label=str(name), **mark_style(k))
    ax.axvline(0, color="0.25", linewidth=0.8)
    title = f"Slopes of {len(at)} items on {slopes.shape[1]} dimensions"
    return finish(ax, title, x="slope", key=True)


def wright_map(parameters: ItemParameters, theta: pd.Series, ax: Axes) -> Axes:
    """Draw the distribution of persons above the thresholds of each item.

    The histogram takes the upper part; a number is the threshold of that step, and
    stands at the edge with an arrow where it lies beyond theta -6 or 6.
    """
    theta, cuts = theta[np.isfinite(theta)], parameters.thresholds
    n_items, reach = len(cuts), cuts.to_numpy()
    low = max(min(np.nanmin(reach), theta.min(), -3), -FARTHEST) - 0.3
    high = min(max(np.nanmax(reach), theta.max(), 3), FARTHEST) + 0.3
    tall = max(3.0, 0.4 * n_items)
    counts, edges = np.histogram(theta, bins=30)
    heights = tall * counts / counts.max()
    ax.bar(edges[:-1], heights, np.diff(edges), align="edge", color=BLUE, alpha=0.8)
    for row, (_, steps) in enumerate(cuts.iterrows()):
        level = -row - 1
        ax.plot([low, high], [level, level], color=GREY, alpha=0.25, linewidth=0.6)
        _place_steps(ax, steps.dropna().sort_values(), level, high - low)
    ax.axhline(0, color="0.25", linewidth=0.8)
    ax.set_yticks([-row - 1 for row in range(n_items)], [str(i) for i in cuts.index])
    ax.tick_params(axis="y", labelsize=9 if n_items <= 20 else 7)
    ax.set(xlim=(low, high), ylim=(-n_items - 0.7, 1.05 * tall))
    title = f"{len(theta)} persons above, thresholds of {n_items} items below"
    return finish(ax, title, x="theta", y="item")


def _place_steps(ax: Axes, steps: pd.Series, level: float, width: float) -> None:
    """Write the numbers of one item's steps; close ones stand at two heights."""
    style = {"va": "center", "fontsize": 8}
    inside = steps[steps.abs() <= FARTHEST]
    last, lift = -np.inf, 0.0
    for step, cut in inside.items():
        is_close = cut - last < 0.03 * width
        lift = (-0.25 if lift > 0 else 0.25) if is_close else 0.0
        ax.text(cut, level + lift, str(step), ha="center", **style)
        last = cut
    for beyond, place, side, arrow in (
        (steps[steps < -FARTHEST], -FARTHEST, "left", "\u2190 {}"),
        (steps[steps > FARTHEST], FARTHEST, "right", "{} \u2192"),
    ):
        if len(beyond):
            names = ", ".join(map(str, beyond.index))
            ax.text(place, level, arrow.format(names), ha=side, **style)
