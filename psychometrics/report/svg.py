"""Drawing for print and screen: one style, steady from run to run."""

import io

from ..figures import GRID

STYLE = {
    "svg.hashsalt": "report",
    "svg.fonttype": "path",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
}


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
