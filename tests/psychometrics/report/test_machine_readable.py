"""Every number of a report is also there for machines, and is the same anywhere."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from psychometrics import Result, validation_report
from psychometrics.report.serialise import plain_value
from tests.golden.reference import BFI_SCALES, dataset

SCALES = {name: BFI_SCALES[name] for name in "CNO"}
ITEMS = [item for items in SCALES.values() for item in items]


def made(**options):
    bfi = dataset("bfi").head(500)
    options = {"n_replications": 6} | options
    return validation_report(bfi[ITEMS], scales=SCALES, groups=bfi["gender"], **options)


@pytest.fixture(scope="module")
def report():
    return made()


def test_the_whole_report_is_json_without_nan(report):
    text = json.dumps(report.to_dict(), allow_nan=False)
    assert json.loads(text) == report.to_dict()


def test_every_table_is_in_the_json_unrounded(report):
    kept = {s["key"]: s for s in report.to_dict()["sections"]}
    tables = [(s, t) for s in report.sections for t in s.tables]
    for section, table in tables:
        rows = kept[section.key]["tables"][table.name]
        assert len(rows) == len(table.frame)
        first = table.frame.reset_index().iloc[0].tolist()
        assert list(rows[0].values()) == [plain_value(value) for value in first]


def test_every_figure_has_the_numbers_that_it_shows(report):
    figures = [f for s in report.sections for f in s.figures]
    assert figures and all(f.data is not None and len(f.data) for f in figures)


def test_a_saved_report_gives_the_same_page_and_numbers(report):
    text = report.to_json()
    found = Result.from_json(text)
    assert any(section.figures for section in found.sections)
    assert found.to_html() == report.to_html()
    assert found.to_dict() == report.to_dict()
    assert found.to_frame().equals(report.to_frame())
    assert found.to_json() == text


def test_names_of_tables_and_figures_are_their_own_within_a_section(report):
    for section in report.sections:
        names = [t.name for t in section.tables] + [f.name for f in section.figures]
        assert len(names) == len(set(names))


def test_an_executor_changes_no_number(report):
    with ThreadPoolExecutor(2) as executor:
        assert made(executor=executor).to_dict() == report.to_dict()


def test_every_property_of_cosmin_has_a_row(report):
    table = report.by_property()
    assert table.index[0] == "Content validity"
    assert table.index.tolist()[10:] in ([], ["One score over all scales"])
    assert table.loc["Structural validity", "sample"] == "adequate"  # 500, graded
    assert table.loc["Responsiveness", "published criteria"].startswith("not assessed")


def test_a_figure_is_drawn_once_however_often_it_is_asked_for(report):
    figure = report.sections[1].figures[0]
    assert figure.svg() is figure.svg()
