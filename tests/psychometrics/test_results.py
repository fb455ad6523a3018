import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from psychometrics import Result
from psychometrics.headlines import headline

from .drawn_results import RESULTS, made

pytestmark = pytest.mark.usefixtures("results_of_one_study")


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


def lines(table, *paths):
    """The line that a result shows of itself where `paths` are its main numbers."""

    class Shown(Small):
        _headline = paths

    return repr(Shown(table=table))


def test_a_line_shows_numbers_ranges_counts_and_names():
    corr = pd.DataFrame([[1, 0.25, -0.0001], [0.25, 1, 0.5], [-0.0001, 0.5, 1]])
    table = pd.DataFrame({"p": [1e-9, 0.2], "n": [7.0, 8], "is_kept": [True, False]})
    assert lines(corr, "r=table") == "Shown(r=0.000 to 0.500)"
    assert lines(table, "table.p") == "Shown(p=0.000 to 0.200)"
    assert lines(table.iloc[:1], "table.p") == "Shown(p<0.001)"
    assert lines(table, "table.p.min", "x=table.p.max") == "Shown(min=0.000, x=0.200)"
    assert lines(table, "table.n", "n=table.n.max") == "Shown(n=7 to 8, n=8)"
    assert lines(table, "table.is_kept") == "Shown(1 of 2 kept)"
    assert lines(table, "items=table.index") == "Shown(2 items)"
    assert lines(table[:1], "items=table.index", "n_rows=table.n.size") == (
        "Shown(1 item, 1 row)"
    )


def test_what_cannot_be_estimated_is_said_in_words_and_what_is_none_left_out():
    gap = pd.DataFrame({"alpha": [np.nan], "beta": [np.inf]})
    assert lines(gap, "table.alpha") == "Shown(alpha=not estimable)"
    assert lines(gap, "table.alpha.max") == "Shown(max=not estimable)"
    assert lines(gap, "x=table.beta.max") == "Shown(x=inf)"
    none = Small(table=None)
    assert headline(none, ("table", "name=__doc__")) == "Small(name=Two numbers.)"


def test_a_line_that_grows_too_long_loses_its_end():
    paths = [f"a_number_of_a_long_name_{k}=table.x" for k in range(4)]
    line = lines(SMALL.table, *paths)
    assert len(line) < 100 and line.endswith(", ...)") and "name_1=1.235 to 2" in line


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_shows_its_number_in_a_line_and_fits_a_page(name):
    result = made(name)
    line = repr(result)
    assert re.match(rf"{name}\((\w+[=<].*\d|\d+ )", line), line
    assert len(line) < 100 and "\n" not in line
    assert not re.search(r"\bnan\b|NaN|None|object at|array\(", line)
    assert max(map(len, result.summary().splitlines())) <= 100


def test_the_first_number_of_a_line_is_the_estimate():
    alpha = made("AlphaResult")
    low, high = alpha.ci
    assert repr(alpha) == (
        f"AlphaResult(alpha={alpha.alpha:.3f}, ci=({low:.3f}, {high:.3f}), 9 items, "
        "n=400)"
    )
    for name, value in {
        "ICCResult": made("ICCResult").table.loc["ICC2", "icc"],
        "KMOResult": made("KMOResult").overall,
        "KappaResult": made("KappaResult").kappa,
        "McDonaldOmega": made("McDonaldOmega").omega,
        "MeanInterval": made("MeanInterval").mean,
        "Omega": made("Omega").omega_hierarchical,
        "PolychoricPair": made("PolychoricPair").corr,
        "Scalability": made("Scalability").h,
        "UnitReliability": made("UnitReliability").icc,
    }.items():
        assert f"={value:.3f}" in repr(made(name)).split(",")[0]


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
