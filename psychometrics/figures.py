"""How every figure is drawn: colours told apart in grey, named marks, room for text.

The colours are safe for the common kinds of colour blindness, and colour never
speaks alone: a mark, a dash, a hatch or a printed value says the same.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .annotations import Axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.image import AxesImage

BLUE, ORANGE, GREY = "#005eb8", "#b35900", "#5b6770"
PALE, GRID = "#cdd5da", "#d8dde0"
# Told apart in grey by tone and by hatching.
SHADES = (
    ("#003e78", ""),
    ("#7fb2de", "//"),
    (ORANGE, ""),
    ("#f0c48f", ".."),
    (GREY, "xx"),
    (PALE, ""),
    ("#111111", "\\\\"),
    ("#8f6fb5", "++"),
    ("#d0e3f3", "oo"),
)
# Curves told apart in grey by dashes and by marks.
LINES = (
    {"linestyle": "-", "color": BLUE},
    {"linestyle": "--", "color": "black"},
    {"linestyle": "-.", "color": ORANGE},
    {"linestyle": ":", "color": "black"},
    {"linestyle": "-", "color": BLUE, "marker": "o"},
    {"linestyle": "--", "color": "black", "marker": "s"},
    {"linestyle": "-.", "color": ORANGE, "marker": "^"},
    {"linestyle": ":", "color": "black", "marker": "x"},
)
# Points told apart in grey by their marks.
MARKS = (
    {"marker": "o", "color": BLUE},
    {"marker": "s", "color": ORANGE},
    {"marker": "^", "color": "black"},
    {"marker": "D", "color": GREY, "markerfacecolor": "white"},
    {"marker": "v", "color": BLUE, "markerfacecolor": "white"},
    {"marker": "P", "color": ORANGE, "markerfacecolor": "white"},
    {"marker": "X", "color": "black"},
    {"marker": "*", "color": GREY},
)
BOUNDS = ("--", ":", "-.", (0, (1, 3)), (0, (6, 2, 1, 2, 1, 2)))
Style: TypeAlias = dict[str, Any]  # keywords that matplotlib draws by
PRINTED = 12  # a heat map of up to so many rows and columns has its values in the cells


def line_style(k: int, n_points: int) -> Style:
    """How to draw the k-th curve of `n_points`; marks stand now and then."""
    return LINES[k % len(LINES)] | {"markevery": max(1, n_points // 8), "markersize": 5}


def mark_style(k: int, size: int = 5) -> Style:
    """How to draw the points of the k-th series."""
    return MARKS[k % len(MARKS)] | {"linestyle": "none", "markersize": size}


def finish(
    ax: Axes,
    title: str,
    *,
    x: str = "",
    y: str = "",
    key: bool = False,
    key_title: str | None = None,
) -> Axes:
    """Say what is seen, on which axes; `key` sets a legend under the title.

    Above the axes a legend covers no point, whatever was drawn.
    """
    points = ax.get_window_extent().width * 72 / ax.figure.dpi
    pad = 8
    if key:
        pad += 13 * _legend(ax, points, key_title)
    # what an equals sign joins stays on one line
    title = textwrap.fill(title.replace(" = ", "\0=\0"), max(24, int(points / 5.6)))
    title = title.replace("\0", " ")
    ax.set_title(title, x=0, ha="left", pad=pad, fontsize=11)
    if x:
        ax.set_xlabel(x)
    if y:
        ax.set_ylabel(y)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _legend(ax: Axes, points: float, title: str | None) -> int:
    """Set the legend above the axes and return how many lines it takes."""
    handles, names = ax.get_legend_handles_labels()
    widest = max(len(name) for name in names)
    columns = int(np.clip(points // (4.6 * widest + 42), 1, len(names)))
    ax.legend(
        handles,
        names,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
        ncols=columns,
        frameon=False,
        fontsize=8,
        title=title,
        title_fontsize=8,
        alignment="left",
    )
    return -(-len(names) // columns) + (title is not None)


def name_rows(
    ax: Axes, names: Sequence[str] | pd.Index, *, what: str = "item"
) -> np.ndarray:
    """Name the places 0, 1, ... of the y axis, the first at the top."""
    ax.set_yticks(range(len(names)), [str(name) for name in names])
    ax.tick_params(axis="y", labelsize=9 if len(names) <= 20 else 7)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_ylabel(what)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    return np.arange(len(names))


def bound(ax: Axes, at: float, name: str, *, axis: str = "x", k: int = 0) -> None:
    """Draw a named line of reference; `k` tells it from other lines by its dashes."""
    draw = ax.axvline if axis == "x" else ax.axhline
    draw(at, color="0.25", linestyle=BOUNDS[k], linewidth=1, label=name, zorder=1)


def dots(
    ax: Axes,
    places: np.ndarray,
    values: Sequence[float] | np.ndarray | pd.Series,
    reach: Sequence[Sequence[float] | pd.Series] | np.ndarray | None = None,
    *,
    flags: Sequence[bool] | pd.Series | None = None,
    words: tuple[str, str] = ("", ""),
    **style: Any,
) -> None:
    """Draw a point for each place of the y axis, flagged ones as crosses.

    Parameters
    ----------
    reach : array, shape (2, n), optional
        How far an interval goes below and above; see `spread`.
    flags : boolean array, optional
    words : two str
        What an unflagged and a flagged point mean, for the legend.
    """
    places, values = np.asarray(places, float), np.asarray(values, float)
    flagged = _as_flags(flags, len(values))
    for chosen, colour, mark, size, word in (
        (~flagged, BLUE, "o", 5, words[0]),
        (flagged, ORANGE, "X", 7, words[1]),
    ):
        if not chosen.any():
            continue
        own = None if reach is None else np.asarray(reach, float)[:, chosen].clip(0)
        shown: Style = {"color": colour, "fmt": mark, "markersize": size}
        shown |= {"elinewidth": 1.2, "label": word or None} | style
        ax.errorbar(values[chosen], places[chosen], xerr=own, **shown)


def bars(
    ax: Axes,
    places: np.ndarray,
    values: Sequence[float] | pd.Series,
    *,
    flags: Sequence[bool] | pd.Series | None = None,
    words: tuple[str, str] = ("", ""),
) -> None:
    """Draw a bar for each place of the y axis, flagged ones hatched."""
    at, lengths = np.asarray(places, float), np.asarray(values, float)
    flagged = _as_flags(flags, len(lengths))
    for chosen, colour, hatch, word in (
        (~flagged, BLUE, "", words[0]),
        (flagged, ORANGE, "//", words[1]),
    ):
        if chosen.any():
            style: Style = {"color": colour, "hatch": hatch, "edgecolor": "white"}
            ax.barh(at[chosen], lengths[chosen], label=word or None, **style)


def _as_flags(flags: Sequence[bool] | pd.Series | None, n: int) -> np.ndarray:
    return np.zeros(n, bool) if flags is None else np.asarray(flags, bool)


def grouped_bars(
    ax: Axes, frame: pd.DataFrame, *, names: tuple[str, str] | None = None
) -> None:
    """Draw one group of bars for each row, one shade and hatch for each column."""
    thick = 0.8 / frame.shape[1]
    for k, column in enumerate(frame):
        shade, hatch = SHADES[k % len(SHADES)]
        at = np.arange(len(frame)) + (k - (frame.shape[1] - 1) / 2) * thick
        name = str(column) if names is None else names[k]
        style: Style = {"color": shade, "hatch": hatch, "edgecolor": "white"}
        ax.barh(at, frame[column].astype(float), height=thick, label=name, **style)


def spread(
    estimate: np.ndarray | pd.Series,
    low: np.ndarray | pd.Series,
    high: np.ndarray | pd.Series,
) -> np.ndarray:
    """How far an interval reaches below and above its estimate, for error bars."""
    return np.array([estimate - low, high - estimate], dtype=float)


def heatmap(
    ax: Axes,
    frame: pd.DataFrame,
    *,
    limit: float = 1.0,
    low: float | None = None,
    label: str = "",
    form: str = ".2f",
) -> Axes:
    """Paint a frame: purple above nought, orange with a bar below.

    Up to 12 rows and columns have their values printed in the cells.

    Parameters
    ----------
    limit : float
        The end of the scale; its other end is `-limit`, so nought is white.
    low : float, optional
        A table without signs: one tone from `low` (white) to `limit`.
    label : str
        What the values are, with their unit.
    form : str
        How a printed value is written.
    """
    values = frame.to_numpy(float)
    cmap = "PuOr" if low is None else "Blues"
    low = -limit if low is None else low
    image = ax.imshow(values, cmap=cmap, vmin=low, vmax=limit, aspect="auto")
    ax.set_xticks(range(frame.shape[1]), [str(c) for c in frame.columns], rotation=90)
    ax.set_yticks(range(frame.shape[0]), [str(r) for r in frame.index])
    ax.tick_params(labelsize=8 if max(frame.shape) <= 40 else 5)
    ax.grid(False)
    if max(frame.shape) <= PRINTED:
        _print_cells(ax, image, values, form)
    elif cmap == "PuOr":
        rows, columns = np.where(values < -0.1 * limit)
        size = max(1.0, min(7.0, 130 / max(frame.shape)))
        ax.plot(columns, rows, "_", color="black", markersize=size, markeredgewidth=0.8)
    ax.figure.colorbar(image, ax=ax, label=label)
    return ax


def _print_cells(ax: Axes, image: AxesImage, values: np.ndarray, form: str) -> None:
    size = 8 if values.shape[1] <= 8 else 6.5
    for (i, j), value in np.ndenumerate(values):
        if np.isfinite(value):
            red, green, blue, _ = image.cmap(image.norm(value))
            light = 0.299 * red + 0.587 * green + 0.114 * blue
            colour = "black" if light > 0.55 else "white"
            written = format(value, form)
            shown = written if float(written) else written.lstrip("-")
            ax.text(j, i, shown, ha="center", va="center", color=colour, fontsize=size)


def panels(
    ax: Axes,
    names: Sequence[str],
    *,
    columns: int = 5,
    room: float = 0.12,
    shared: bool = False,
) -> list[Axes]:
    """Divide `ax` into small panels; return one for each name.

    The frame of `ax` goes; its title and labels speak for all panels. With `shared`
    scales, numbers stand at the left and at the foot alone.
    """
    columns = min(columns, len(names))
    n_rows = -(-len(names) // columns)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    wide, high, drawn = 1 / columns, 1 / n_rows, []
    for k, name in enumerate(names):
        row, column = divmod(k, columns)
        place = (column * wide, 1 - (row + 0.88) * high)
        small = ax.inset_axes((*place, (1 - room) * wide, 0.74 * high))
        small.set_title(str(name), fontsize=8, pad=2)
        small.tick_params(labelsize=7)
        small.spines[["top", "right"]].set_visible(False)
        if shared:
            foot = k + columns >= len(names)
            small.tick_params(labelleft=column == 0, labelbottom=foot)
        drawn.append(small)
    ax.xaxis.labelpad, ax.yaxis.labelpad = 16, 24
    return drawn


def stacked_bars(ax: Axes, shares: pd.DataFrame) -> Axes:
    """Paint one row an item: the share of persons in each category, light to dark."""
    import matplotlib as mpl

    shades = mpl.colormaps["Blues"]
    left = 0 * shares.iloc[:, 0]
    for k, category in enumerate(shares.columns):
        tone = shades(0.15 + 0.85 * k / max(shares.shape[1] - 1, 1))
        ax.barh(
            range(len(shares)),
            shares[category],
            left=left,
            color=tone,
            edgecolor="white",
            linewidth=0.5,
            label=f"{category}",
        )
        left = left + shares[category]
    ax.set_yticks(range(len(shares)), shares.index)
    ax.tick_params(axis="y", labelsize=8)
    ax.invert_yaxis()
    ax.set_xlabel("share of answers, %")
    ax.set_xlim(0, 100)
    ax.legend(
        title="category",
        ncols=min(shares.shape[1], 8),
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        frameon=False,
        fontsize=8,
    )
    return ax
