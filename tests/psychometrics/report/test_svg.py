"""Figures as SVG: laid out once, and as if saving had done it."""

import io

import matplotlib
import pytest
from matplotlib.figure import Figure as Canvas

from psychometrics.figures import finish
from psychometrics.report.document import Figure
from psychometrics.report.svg import STYLE


def bars(ax):
    ax.barh(["a short name", "a name that takes a good deal of room"], [1, 20])
    finish(ax, "Two bars", x="length", y="bar")


def heat(ax):
    ax.figure.colorbar(ax.imshow([[0.0, 1.0], [2.0, 3.0]], aspect="auto"), ax=ax)
    ax.plot([0, 1], [0, 1], label="a line")
    finish(ax, "Four cells", x="one", y="other", key=True)


@pytest.mark.parametrize("draw", [bars, heat])
def test_a_figure_stands_where_saving_alone_would_put_it(draw):
    with matplotlib.rc_context(STYLE):
        canvas = Canvas(figsize=(7, 4.0), layout="constrained")
        draw(canvas.subplots())
        plain = io.StringIO()
        canvas.savefig(plain, format="svg", metadata={"Date": None})
    figure = Figure(name="drawn", caption="", alt="", draw=draw)
    assert figure.svg() == plain.getvalue()


@pytest.mark.parametrize("draw", [bars, heat])
def test_a_figure_is_drawn_once(draw, monkeypatch):
    drawn, plainly = [], Canvas.draw

    def count(canvas, renderer):
        drawn.append(canvas)
        plainly(canvas, renderer)

    monkeypatch.setattr(Canvas, "draw", count)
    Figure(name="drawn", caption="", alt="", draw=draw).svg()
    assert len(drawn) == 1
