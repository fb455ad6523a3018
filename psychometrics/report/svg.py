"""Drawing for print and screen: one style, steady from run to run."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ..figures import GRID

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from .document import Figure

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


def to_svg(figure: Figure) -> str:
    """Return the SVG text of one `document.Figure`."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    with matplotlib.rc_context(STYLE):
        canvas = Canvas(figsize=(7, figure.height), layout="constrained")
        FigureCanvasSVG(canvas)
        figure.draw(canvas.subplots())
        _lay_out(canvas)
        buffer = io.StringIO()
        canvas.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _lay_out(canvas: Canvas) -> None:
    """Give everything its room; left to itself, saving draws twice for that."""
    canvas.set_dpi(72)  # an SVG's points
    engine = canvas.get_layout_engine()
    if engine is not None:
        engine.execute(canvas)
    canvas.set_layout_engine(None)  # "none" keeps one, for which saving draws twice
