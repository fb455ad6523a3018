from dataclasses import dataclass

import pandas as pd

from psychometrics import Result


@dataclass(frozen=True, eq=False)
class Small(Result):
    """Two numbers."""

    table: pd.DataFrame

    def to_frame(self):
        return self.table

    def _about(self):
        return ("Two <numbers>.",)

    def _caveats(self):
        return ("Made up.",)


SMALL = Small(pd.DataFrame({"x": [1.23456, 2.0]}, index=["a", "b"]))


def test_repr_stays_on_one_line_whatever_the_fields():
    assert repr(SMALL) == "<Small: 2 x 1>"


def test_summary_rounds_the_table_between_about_and_caveats():
    lines = SMALL.summary(digits=2).splitlines()
    assert lines[0] == "Two <numbers>."
    assert "1.23" in lines[2]
    assert lines[-1] == "Made up."


def test_html_escapes_what_is_said():
    html = SMALL._repr_html_()
    assert "Two &lt;numbers&gt;." in html
    assert "<em>Made up.</em>" in html


def test_plot_draws_on_the_axes_given():
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert SMALL.plot(ax) is ax
    assert ax.get_title() == "Small"
