from dataclasses import dataclass

import numpy as np
import pandas as pd

from psychometrics import Result


@dataclass(frozen=True, eq=False, kw_only=True)
class Small(Result):
    """Two numbers."""

    table: pd.DataFrame

    def to_frame(self):
        return self.table

    def _about(self):
        return ("Two <numbers>.",)

    def _caveats(self):
        return ("Made up.",)


SMALL = Small(table=pd.DataFrame({"x": [1.23456, 2.0]}, index=["a", "b"]))


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
    assert ax.get_title() == "Two <numbers>"


def long_table(n):
    frame = pd.DataFrame({"theta": np.arange(n) / 7}, index=[f"p{k}" for k in range(n)])
    return Small(table=frame)


def test_a_table_of_persons_is_printed_in_part():
    lines = long_table(2694).summary().splitlines()
    assert len(lines) < 50
    assert lines[2].startswith("p0 ") and lines[-3].startswith("p2693 ")
    assert lines[-2] == "... 2654 more rows: to_frame() has them all"
    html = long_table(2694)._repr_html_()
    assert html.count("<tr") < 50 and "... 2654 more rows" in html


def test_a_table_of_seventy_two_items_is_printed_whole():
    lines = long_table(72).summary().splitlines()
    assert sum(line.startswith("p") for line in lines) == 72
    assert "more rows" not in long_table(72)._repr_html_()


def test_columns_beyond_the_terminal_follow_below(monkeypatch):
    monkeypatch.setenv("COLUMNS", "90")
    wide = Small(
        table=pd.DataFrame(0.123, ["a", "b"], [f"column_{k}" for k in range(20)])
    )
    lines = wide.summary().splitlines()
    assert max(map(len, lines)) <= 92 and len(lines) > 6
    assert all(any(f"column_{k} " in line + " " for line in lines) for k in range(20))
