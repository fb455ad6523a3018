"""A path diagram: factors over their items, standardised values on the paths."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np

from ..annotations import Axes, Label
from ..figures import finish
from ..results import axes

if TYPE_CHECKING:
    import pandas as pd

    from .result import ConfirmedModel

_ITEM, _LEVEL = 1.0, 2.2  # distances between items, and between levels
_BOX = 0.3  # from the middle of a box to its edge
_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


def path_diagram(
    fitted: ConfirmedModel, *, group: Label | None = None, ax: Axes | None = None
) -> Axes:
    """Draw a fitted model with standardised estimates, after Wright (1934).

    Squares are items, ellipses factors, straight arrows loadings, curves
    correlations; a fixed zero is left out.

    Parameters
    ----------
    fitted : ConfirmedModel
        From `confirm`.
    group : label, optional
        The first group unless said.
    ax : matplotlib Axes, optional
        A new figure unless said.

    Returns
    -------
    Axes
        What was drawn on; nothing is shown.

    Raises
    ------
    InvalidOption
        None of the model's groups.

    Examples
    --------
    >>> from psychometrics import confirm, path_diagram, simulate
    >>> made = simulate.responses(300, rng=1, loadings=[[0.7]] * 4)
    >>> fitted = confirm("f =~ i1 + i2 + i3 + i4", made.responses, estimator="ml")
    >>> path_diagram(fitted).get_title()
    'Standardised estimates, n = 300'
    """
    ax = axes(ax, rows=20, columns=3 * len(fitted.items))
    rows = fitted.group(group)
    places = _places(fitted, rows)
    paths = rows[(rows["op"] == "=~") & (rows["std"] != 0)]
    for row in paths.itertuples():
        _arrow(ax, places[row.lhs], places[row.rhs], f"{row.std:.2f}")
    curves = rows[(rows["op"] == "~~") & (rows["lhs"] != rows["rhs"])]
    for row in curves[curves["std"].abs() > 1e-12].itertuples():
        below = row.lhs in fitted.items
        _curve(ax, places[row.lhs], places[row.rhs], f"{row.std:.2f}", below)
    for name, (x, y) in places.items():
        shape = "square,pad=0.4" if name in fitted.items else "round4,pad=0.5"
        box = {"boxstyle": shape, "facecolor": "white", "edgecolor": "black"}
        ax.text(x, y, name, ha="center", va="center", fontsize=8, bbox=box, zorder=3)
    _frame(ax, places)
    who = fitted.groups[0] if group is None else group
    where = f", group {who}" if len(fitted.groups) > 1 else ""
    return finish(ax, f"Standardised estimates, n = {fitted.n}{where}")


def path_diagram_svg(fitted: ConfirmedModel, group: Label | None = None) -> str:
    """Return the diagram as SVG text, a width in proportion to the items."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(6, 0.8 * len(fitted.items)), 6), layout="constrained")
    path_diagram(fitted, group=group, ax=figure.subplots())
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _places(
    fitted: ConfirmedModel, rows: pd.DataFrame
) -> dict[str, tuple[float, float]]:
    """Items in a row; each factor over the middle of what it explains."""
    places = {item: (_ITEM * i, 0.0) for i, item in enumerate(fitted.items)}
    paths = rows[rows["op"] == "=~"]
    levels = {}
    for latent in fitted.latents:
        levels[latent] = _level(latent, paths, fitted)
    used = set()
    for latent in sorted(fitted.latents, key=levels.get):
        below = [places[n][0] for n in paths.loc[paths["lhs"] == latent, "rhs"]]
        x, y = float(np.mean(below)), _LEVEL * levels[latent]
        while (round(x, 1), y) in used:  # a bifactor model's factors may coincide
            y += _LEVEL / 2
        used.add((round(x, 1), y))
        places[latent] = (x, y)
    return places


def _level(latent: str, paths: pd.DataFrame, fitted: ConfirmedModel) -> int:
    below = list(paths.loc[paths["lhs"] == latent, "rhs"])
    factors = [name for name in below if name in fitted.latents]
    if factors:
        return 1 + max(_level(name, paths, fitted) for name in factors)
    general = len(below) == len(fitted.items) and len(fitted.latents) > 1
    return -1 if general else 1  # a bifactor model's general factor stands below


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], text: str
) -> None:
    style = {"arrowstyle": "->", "shrinkA": 14, "shrinkB": 12, "linewidth": 0.8}
    ax.annotate("", xy=end, xytext=start, arrowprops=style)
    x, y = 0.4 * start[0] + 0.6 * end[0], 0.4 * start[1] + 0.6 * end[1]
    ax.text(x, y, text, fontsize=7, ha="center", va="center", bbox=_WHITE)


def _curve(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    text: str,
    below: bool,
) -> None:
    """Join two boxes by an arc, its value at the summit."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    way = -1 if below else 1
    (x1, y1), (x2, y2) = start, end
    x, y = (x1 + x2) / 2, (y1 + y2) / 2 + way * _BOX
    rise = way * (0.2 * abs(x1 - x2) + 0.1)
    points = [(x1, y1 + way * _BOX), (x, y + 2 * rise), (x2, y2 + way * _BOX)]
    path = Path(points, [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    style = {"arrowstyle": "<->", "mutation_scale": 8, "linewidth": 0.6}
    ax.add_patch(FancyArrowPatch(path=path, **style))
    ax.text(x, y + rise, text, fontsize=7, ha="center", va="center", bbox=_WHITE)


def _frame(ax: Axes, places: Mapping[str, tuple[float, float]]) -> None:
    xs, ys = zip(*places.values())
    room = 0.2 * (max(xs) - min(xs))  # the widest arc that can be
    ax.set_xlim(min(xs) - 1, max(xs) + 1)
    ax.set_ylim(min(ys) - 1 - room / 4, max(ys) + 0.6 + room)
    ax.axis("off")
