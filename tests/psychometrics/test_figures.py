"""Every figure says what is seen, reads without colour and keeps inside its page."""

import inspect
import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import psychometrics as ps
from psychometrics.figures import heatmap
from psychometrics.irt.plots import wright_map

from .drawn_results import RESULTS, Study, make

# Boxes and arrows: what an axis would measure is no quantity.
DIAGRAMS = {("ExploratoryFactors", "plot_paths"), ("Reduction", "plot")}
# Of several dimensions: there is no one line to draw thresholds on, which it says.
REFUSED = {("BifactorResult", "plot_wright")}
STUDY = Study.simulated()
MADE, PAGES, SIZES = {}, {}, {}  # each result is made and drawn once


@pytest.fixture(scope="module", autouse=True)
def forgotten_afterwards():
    """Nothing that was drawn is kept while other files are tested."""
    yield
    for kept in (MADE, PAGES, SIZES):
        kept.clear()


def subclasses(cls):
    for one in cls.__subclasses__():
        yield one
        yield from subclasses(one)


def classes():
    found = {c for c in subclasses(ps.Result) if c.__module__.startswith("psycho")}
    return {c.__name__: c for c in found}


def figures():
    for name, cls in sorted(classes().items()):
        for method, _ in inspect.getmembers(cls, inspect.isfunction):
            if method.startswith("plot") and (name, method) not in REFUSED:
                yield name, method


def drawn(name, method, ax=None):
    if name not in MADE:
        MADE[name] = make(name, STUDY)
    result = MADE[name]
    given = (STUDY.items[0],) if method == "plot_categories" else ()
    return getattr(result, method)(*given, ax=ax)


def page(name, method):
    """The axes of a figure of its own, laid out."""
    if (name, method) not in PAGES:
        PAGES[name, method] = drawn(name, method)
        PAGES[name, method].figure.draw_without_rendering()
    return PAGES[name, method]


def tone(colour):
    return float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)))


def look(handle):
    """How a mark of a legend looks in grey: its shape, and its tone."""
    handle = handle[0] if isinstance(handle, tuple) else handle
    if hasattr(handle, "get_marker"):
        style = (handle.get_marker(), str(handle.get_linestyle()))
        return style, tone(handle.get_markerfacecolor())
    colour = np.atleast_2d(handle.get_facecolor())
    hatch = handle.get_hatch() if hasattr(handle, "get_hatch") else None
    return (type(handle).__name__, hatch), tone(colour[0, :3]) if len(colour) else 0


def colours(ax):
    """The colours, greys left out, of what is drawn on `ax` and its small panels."""
    found = set()
    for one in (ax, *ax.child_axes):
        found |= {to_rgb(line.get_color()) for line in one.lines}
        found |= {to_rgb(patch.get_facecolor()) for patch in one.patches}
    return {colour for colour in found if max(colour) - min(colour) > 0.1}


def keeps_inside(figure):
    """Whether all that is drawn, titles and labels too, lies on the page."""
    drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    edges = [drawn.x0, drawn.y0, width - drawn.x1, height - drawn.y1]
    return min(edges) > -0.02


def overlapping(labels):
    boxes = [label.get_window_extent() for label in labels if label.get_text()]
    return [pair for pair in pairwise(boxes) if pair[0].overlaps(pair[1])]


def test_every_result_is_in_the_register():
    assert set(RESULTS) == set(classes())


@pytest.mark.parametrize("name, method", [*figures()])
def test_a_figure_says_what_is_seen(name, method):
    ax = page(name, method)
    assert len(ax.get_title()) > 8
    if (name, method) not in DIAGRAMS:
        assert ax.get_xlabel() and ax.get_ylabel()
    assert keeps_inside(ax.figure)


@pytest.mark.parametrize("name, method", [*figures()])
def test_a_figure_reads_without_colour(name, method):
    ax = page(name, method)
    coloured = [*ax.images, *(c for c in ax.collections if c.get_array() is not None)]
    assert all(image.colorbar and image.colorbar.ax.get_ylabel() for image in coloured)
    handles, labels = ax.get_legend_handles_labels()
    if len(colours(ax)) > 1 and (name, method) not in DIAGRAMS:
        assert ax.get_legend() is not None
    marks = [look(handle) for handle in handles]
    for first, second in combinations(marks, 2):
        assert first[0] != second[0] or abs(first[1] - second[1]) > 0.1, labels


@pytest.mark.parametrize("name, method", [*figures()])
def test_a_figure_is_drawn_where_it_is_asked_for(name, method):
    figure = Figure(figsize=(9, 6))
    ax, other = figure.subplots(1, 2)
    assert drawn(name, method, ax) is ax
    assert ax.get_title() and not other.get_title() and not other.has_data()
    assert not pyplot.get_fignums(), "a figure was left with pyplot"


@pytest.mark.parametrize("n_scales, n_items", [(1, 5), (6, 5)])
@pytest.mark.parametrize(
    "name",
    [
        "AlphaResult",
        "CorrelationResult",
        "ItemDescription",
        "ItemRetestResult",
        "Monotonicity",
        "PatternsResult",
        "Scalability",
    ],
)
def test_names_of_items_keep_apart_however_many_there_are(name, n_scales, n_items):
    study = SIZES.setdefault(n_scales, Study.simulated(n_scales, n_items))
    ax = make(name, study).plot()
    ax.figure.draw_without_rendering()
    assert overlapping(ax.get_yticklabels()) == []
    assert keeps_inside(ax.figure)


def test_values_of_a_path_diagram_keep_apart_with_thirty_items():
    study = SIZES.setdefault(6, Study.simulated(6, 5))
    ax = ps.path_diagram(study.confirmed)
    ax.figure.draw_without_rendering()
    assert "n = 400" in ax.get_title()
    rows = {}
    for text in ax.texts:
        rows.setdefault(round(text.get_position()[1], 3), []).append(text)
    for row in rows.values():
        placed = sorted(row, key=lambda text: text.get_position()[0])
        assert overlapping(placed) == []


def test_all_parameters_of_a_model_are_printed():
    study = SIZES.setdefault(6, Study.simulated(6, 5))
    assert len(study.confirmed.to_frame()) > 100
    assert "more rows" not in study.confirmed._repr_html_()


def test_colours_are_chosen_in_one_place_and_nobody_draws_through_pyplot():
    home = Path(ps.__file__).parent
    said = {path: path.read_text() for path in home.rglob("*.py")}
    del said[home / "figures.py"]
    named = re.compile(r"""#[0-9a-fA-F]{6}|tab:|color=f?"C|\.plot\.\w+\(|pyplot""")
    found = {path.name: named.findall(text) for path, text in said.items()}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_a_heat_map_is_centred_on_nought_and_prints_few_values():
    frame = pd.DataFrame([[1.0, -0.2], [-0.2, 1.0]], list("ab"), list("ab"))
    ax = heatmap(Figure().subplots(), frame, label="correlation")
    assert ax.images[0].get_clim() == (-1, 1)
    assert sorted(text.get_text() for text in ax.texts) == ["-0.20"] * 2 + ["1.00"] * 2
    large = pd.DataFrame(np.eye(20))
    assert not heatmap(Figure().subplots(), large, label="correlation").texts


def test_the_standard_error_has_a_scale_of_its_own():
    ax = drawn("IrtResult", "plot")
    (twin,) = [one for one in ax.figure.axes if one is not ax]
    assert twin.get_ylabel() == "standard error of theta"
    assert ax.get_ylabel() == "test information"
    shown = twin.lines[0].get_ydata()
    np.testing.assert_allclose(shown, ax.lines[0].get_ydata() ** -0.5)


def test_a_wright_map_keeps_its_scale_when_a_threshold_runs_away():
    parameters = ps.ItemParameters(
        model="graded",
        slopes=pd.DataFrame({"theta": [1.0, 0.1]}, ["a", "b"]),
        intercepts=pd.DataFrame({1: [1.0, 5.0], 2: [-1.0, -3.0]}, ["a", "b"]),
        categories={"a": [0, 1, 2], "b": [0, 1, 2]},
    )
    theta = pd.Series(np.linspace(-2, 2, 50))
    ax = wright_map(parameters, theta, Figure().subplots())
    assert ax.get_xlim() == (-6.3, 6.3)
    written = [text.get_text() for text in ax.texts]
    assert written == ["1", "2", "\u2190 1", "2 \u2192"]


def test_a_rest_score_group_that_falls_is_marked_in_its_panel(rng):
    table = STUDY.complete.copy()
    table["odd"] = (table.iloc[:, :3].sum(axis=1) < 7).astype(int) + rng.integers(
        0, 2, len(table)
    )
    found = ps.monotonicity(table)
    assert found.table.loc["odd", "n_significant"] > 0
    panel = found.plot().child_axes[list(found.table.index).index("odd")]
    assert "X" in [line.get_marker() for line in panel.lines]
