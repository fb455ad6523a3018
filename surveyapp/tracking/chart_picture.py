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
    for part in _joined(line.marks):
        days, values = [m.last_on for m in part], [m.value for m in part]
        ax.plot(days, values, "-", color="#4c6272", linewidth=1)
    known = line.known
    ax.hlines(
        [mark.value for mark in known],
        [mark.first_on for mark in known],
        [mark.last_on for mark in known],
        color="#768692",
        linewidth=0.8,
    )
    _draw_limits(ax, line)
    _draw_notes(ax, line)
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


def _joined(marks):
    """Points in a row that a line joins: none over a gap, or across a border."""
    parts = [[]]
    for mark in marks:
        if mark.value is None or mark.border:
            parts.append([])
        if mark.value is not None:
            parts[-1].append(mark)
    return [part for part in parts if part]


def _draw_limits(ax, line):
    """Centre and limits of each phase."""
    limits = "trial limits" if line.is_trial else "limits"
    known = [mark for mark in line.known if mark.centre is not None]
    for number in sorted({mark.phase for mark in known}):
        phase = [mark for mark in known if mark.phase == number]
        names = {"centre": ("-", "centre"), "upper": ("--", limits)}
        for name, (dash, label) in (names | {"lower": ("--", None)}).items():
            at, on = [getattr(m, name) for m in phase], [m.last_on for m in phase]
            shown = {"color": "0.35", "linewidth": 1}
            ax.plot(on, at, dash, label=label if number == 0 else None, **shown)


def _draw_notes(ax, line):
    """The target, where limits begin anew, and the borders."""
    if line.target is not None:
        name = f"target {line.target:g}"
        ax.axhline(line.target, color="black", linestyle="-.", linewidth=1, label=name)
    told = [(step.starts_on, ":", step.reason) for step in line.steps]
    told += [(m.first_on, "-", m.border) for m in line.known if m.border]
    for day, style, text in told:
        ax.axvline(day, color="0.25", linestyle=style, linewidth=1)
        offset = {"xytext": (3, -2), "textcoords": "offset points", "va": "top"}
        place = {"xy": (day, 1), "xycoords": ("data", "axes fraction")}
        ax.annotate(text, fontsize=7, rotation=90, **place, **offset)
