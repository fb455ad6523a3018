"""Pictures of a factor solution: loadings as dots, and a path diagram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..annotations import Axes
from ..counted import counted
from ..figures import BLUE, ORANGE, finish, mark_style, name_rows
from ..results import axes

if TYPE_CHECKING:
    import pandas as pd


def draw_loadings(loadings: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw one row an item and one mark a factor, with lines at .3 and -.3."""
    ax = axes(ax, rows=len(loadings))
    at = name_rows(ax, loadings.index)
    for k, name in enumerate(loadings.columns):
        ax.plot(loadings[name], at, label=str(name), **mark_style(k))
    for place in (-0.3, 0.0, 0.3):
        ax.axvline(place, color="0.6", linewidth=0.8, zorder=0)
    ax.set_xticks(np.round(np.arange(-0.9, 1.0, 0.3), 1))
    title = f"Loadings of {len(at)} items on {counted(loadings.shape[1], 'factor')}"
    return finish(ax, title, x="loading (lines at -.3, 0 and .3)", key=True)


def draw_paths(
    loadings: pd.DataFrame,
    factor_corr: pd.DataFrame,
    smallest: float = 0.3,
    ax: Axes | None = None,
) -> Axes:
    """Draw items at the left, factors at the right, and an arrow a salient loading."""
    ax = axes(ax, rows=2 * len(loadings))
    items = {name: (0.0, -float(i)) for i, name in enumerate(loadings.index)}
    factors = _place_factors(loadings)
    for kind, nodes in (("square", items), ("round", factors)):
        for name, (x, y) in nodes.items():
            box = {"boxstyle": f"{kind},pad=0.3", "fc": "white", "ec": "0.3"}
            ax.text(x, y, str(name), ha="center", va="center", bbox=box, zorder=3)
    shown = loadings[loadings.abs() >= smallest]
    for item, end in items.items():
        for k, (factor, value) in enumerate(shown.loc[item].dropna().items()):
            _arrow(ax, factors[factor], end, value, 0.85 - 0.13 * k)
    _bows(ax, factors, factor_corr, smallest)
    ax.set_xlim(-0.3, 1.7)
    ax.set_ylim(-len(items), 1)
    ax.set_axis_off()
    title = f"Loadings of {smallest:g} or more in size; dashed where negative"
    return finish(ax, title)


def _place_factors(loadings: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Spread the factors evenly, in the order of the items that they load on."""
    squares = loadings.to_numpy() ** 2
    centre = (squares * np.arange(len(loadings))[:, None]).sum(axis=0)
    order = np.argsort(centre / squares.sum(axis=0))
    heights = np.linspace(0, -(len(loadings) - 1), loadings.shape[1] + 2)[1:-1]
    return {loadings.columns[k]: (1.0, float(y)) for k, y in zip(order, heights)}


def _arrow(
    ax: Axes,
    origin: tuple[float, float],
    end: tuple[float, float],
    value: float,
    place: float,
) -> None:
    colour, line = (BLUE, "-") if value > 0 else (ORANGE, "--")
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 2 * abs(value)}
    style |= {"shrinkA": 16, "shrinkB": 4}
    style["linestyle"] = line
    end = (end[0] + 0.05, end[1])
    ax.annotate("", xy=end, xytext=origin, arrowprops=style)
    x, y = (place * e + (1 - place) * o for e, o in zip(end, origin))
    label = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    ax.text(
        x, y, f"{value:.2f}", fontsize="x-small", color=colour, va="center", bbox=label
    )


def _bows(
    ax: Axes,
    factors: Mapping[str, tuple[float, float]],
    factor_corr: pd.DataFrame,
    smallest: float,
) -> None:
    """Join factors that correlate by `smallest` or more."""
    names = list(factors)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            value = float(factor_corr[second][first])
            if abs(value) < smallest:
                continue
            bow = "arc3,rad=-0.4"
            style: dict[str, str | int]
            style = {"arrowstyle": "<|-|>", "color": "0.5", "connectionstyle": bow}
            style |= {"shrinkA": 10, "shrinkB": 10}
            ax.annotate("", factors[second], factors[first], arrowprops=style)
            height = (factors[first][1] + factors[second][1]) / 2
            text = f"{first} with {second}: {value:.2f}"
            ax.text(1.25, height, text, fontsize="x-small", color="0.25")
