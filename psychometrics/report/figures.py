"""Drawing for print and screen: one style, legible in grey, steady from run to run."""

import io

import numpy as np

BLUE, ORANGE, GREY = "#005eb8", "#b35900", "#5b6770"
# Told apart in grey by tone and by hatching.
SHADES = (
    ("#003e78", ""),
    ("#7fb2de", "//"),
    ("#b35900", ""),
    ("#f0c48f", ".."),
    ("#5b6770", "xx"),
    ("#cdd5da", ""),
)
STYLE = {
    "svg.hashsalt": "report",
    "svg.fonttype": "path",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#d8dde0",
}


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


def line_style(k, n_points):
    """How to draw the k-th curve of `n_points`; marks stand now and then."""
    return LINES[k % len(LINES)] | {"markevery": max(1, n_points // 8), "markersize": 5}


def to_svg(figure):
    """Return the SVG text of one `document.Figure`."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        canvas = Figure(figsize=(7, figure.height), layout="constrained")
        figure.draw(canvas.subplots())
        buffer = io.StringIO()
        canvas.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def heatmap(ax, frame, *, limit=1.0, label=""):
    """Paint a frame of correlations: purple above nought, orange with a bar below."""
    values = frame.to_numpy(float)
    image = ax.imshow(frame, cmap="PuOr", vmin=-limit, vmax=limit, aspect="auto")
    ax.set_xticks(range(frame.shape[1]), frame.columns, rotation=90)
    ax.set_yticks(range(frame.shape[0]), frame.index)
    ax.tick_params(labelsize=8 if max(frame.shape) < 40 else 5)
    ax.grid(False)
    rows, columns = np.where(values < -0.1 * limit)
    size = max(1.0, min(7.0, 130 / max(frame.shape)))
    ax.plot(columns, rows, "_", color="black", markersize=size, markeredgewidth=0.8)
    ax.figure.colorbar(image, ax=ax, label=label)
    return ax


def spread(estimate, low, high):
    """How far an interval reaches below and above its estimate, for error bars."""
    return np.array([estimate - low, high - estimate], dtype=float)


def stacked_bars(ax, shares):
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
