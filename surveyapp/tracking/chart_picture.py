"""A control chart as a picture of dots, for slides and letters."""

import io

from .drawing import SHAPES

STYLES = {
    "": {"marker": "o", "color": "#4c6272", "label": "common cause"},
    "improvement": {"marker": "D", "color": "#005eb8", "label": "improvement"},
    "concern": {
        "marker": "s",
        "color": "#b35900",
        "markerfacecolor": "white",
        "markeredgewidth": 2,
        "label": "concern",
    },
}


def draw(line):
    """The bytes of a PNG with its finding as the description in the file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.2), layout="constrained", dpi=150)
    ax = figure.subplots()
    days = [mark.last_on for mark in line.marks]
    values = [float("nan") if m.value is None else m.value for m in line.marks]
    ax.plot(days, values, "-", color="#4c6272", linewidth=1)
    known = line.known
    ax.hlines(
        [mark.value for mark in known],
        [mark.first_on for mark in known],
        [mark.last_on for mark in known],
        color="#768692",
        linewidth=0.8,
    )
    if known[-1].centre is not None:
        limits = "trial limits" if line.is_trial else "limits"
        names = {"centre": ("-", "centre"), "upper": ("--", limits)}
        for name, (dash, label) in (names | {"lower": ("--", None)}).items():
            at = [getattr(mark, name) for mark in known]
            on = [mark.last_on for mark in known]
            ax.plot(on, at, dash, color="0.35", linewidth=1, label=label)
    for word, style in STYLES.items():
        chosen = [m for m in known if (m.word if m.word in SHAPES else "") == word]
        if chosen:
            at = [mark.last_on for mark in chosen], [mark.value for mark in chosen]
            ax.plot(*at, linestyle="none", **style)
    ax.set(ylim=(0, 100), ylabel="involvement, 0 to 100", title=line.title)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=8, ncols=5, loc="lower left")
    figure.autofmt_xdate()
    into = io.BytesIO()
    figure.savefig(into, format="png", metadata={"Description": line.description})
    return into.getvalue()
