"""Pictures of a factor solution: loadings as dots, and a path diagram."""

import numpy as np

from ..results import axes

MARKERS = "osD^v<>P"  # factors differ by shape as well as by colour


def draw_loadings(loadings, ax=None):
    """Draw one row an item and one colour a factor, with lines at .3 and -.3."""
    ax = axes(ax)
    height = np.arange(len(loadings))[::-1]
    for k, name in enumerate(loadings.columns):
        marker = MARKERS[k % len(MARKERS)]
        ax.plot(loadings[name], height, marker, color=f"C{k}", label=str(name))
    for place in (-0.3, 0.0, 0.3):
        ax.axvline(place, color="0.7", linewidth=0.8, zorder=0)
    ax.set_yticks(height, [str(item) for item in loadings.index])
    ax.set_xlabel("loading")
    ax.legend(loc="best", fontsize="small")
    return ax


def draw_paths(loadings, factor_corr, smallest=0.3, ax=None):
    """Draw items at the left, factors at the right, and an arrow a salient loading."""
    ax = axes(ax)
    items = {name: (0.0, -float(i)) for i, name in enumerate(loadings.index)}
    factors = _place_factors(loadings)
    for kind, nodes in (("square", items), ("round", factors)):
        for name, (x, y) in nodes.items():
            box = {"boxstyle": f"{kind},pad=0.3", "fc": "white", "ec": "0.3"}
            ax.text(x, y, str(name), ha="center", va="center", bbox=box, zorder=3)
    for factor, origin in factors.items():
        for item, value in loadings[factor].items():
            if abs(value) >= smallest:
                _arrow(ax, origin, items[item], value)
    _bows(ax, factors, factor_corr, smallest)
    ax.set_xlim(-0.3, 1.5)
    ax.set_ylim(-len(items), 1)
    ax.set_axis_off()
    return ax


def _place_factors(loadings):
    """Spread the factors evenly, in the order of the items that they load on."""
    squares = loadings.to_numpy() ** 2
    centre = (squares * np.arange(len(loadings))[:, None]).sum(axis=0)
    order = np.argsort(centre / squares.sum(axis=0))
    heights = np.linspace(0, -(len(loadings) - 1), loadings.shape[1] + 2)[1:-1]
    return {loadings.columns[k]: (1.0, float(y)) for k, y in zip(order, heights)}


def _arrow(ax, origin, end, value):
    colour = "C0" if value > 0 else "C3"
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 2 * abs(value)}
    end = (end[0] + 0.05, end[1])
    ax.annotate("", xy=end, xytext=origin, arrowprops=style)
    x, y = (0.85 * e + 0.15 * o for e, o in zip(end, origin))
    label = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    ax.text(
        x, y, f"{value:.2f}", fontsize="x-small", color=colour, va="center", bbox=label
    )


def _bows(ax, factors, factor_corr, smallest):
    """Join factors that correlate by `smallest` or more."""
    names = list(factors)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            value = factor_corr.loc[first, second]
            if abs(value) < smallest:
                continue
            bow = "arc3,rad=-0.4"
            style = {"arrowstyle": "<|-|>", "color": "0.5", "connectionstyle": bow}
            ax.annotate("", factors[second], factors[first], arrowprops=style)
            height = (factors[first][1] + factors[second][1]) / 2
            ax.text(1.3, height, f"{value:.2f}", fontsize="x-small", color="0.4")
