"""A file of answers is read whole, or refused in one line that says where."""

import numpy as np
import pytest

from surveyapp.research.files.answer_settings import read_settings
from surveyapp.research.files.answer_table import read_answers
from surveyapp.research.files.cli_options import parse_categories, parse_scales
from surveyapp.table_files.raw_table import InvalidTable

HEADER = "A1,A2,gender"
ROWS = ["1,2,f", "2,1,m", "3,,f", "2,9,m"]
MANY_NAMES = ",".join(f"n{n}" for n in range(100_000))


@pytest.fixture
def csv_file(tmp_path):
    def write(*lines, encoding="utf-8"):
        path = tmp_path / "answers.csv"
        path.write_bytes("\n".join(lines).encode(encoding))
        return path

    return write


def test_empty_cells_and_missing_codes_are_unanswered(csv_file):
    path = csv_file(HEADER, *ROWS)
    table = read_answers(path, ["A1", "A2"], categories=(1, 6), missing=["9"])
    assert np.isnan(table.items["A2"].to_numpy()).tolist() == [False, False, True, True]
    assert table.others["gender"].tolist() == ["f", "m", "f", "m"]


def test_semicolons_and_a_byte_order_mark_are_read(csv_file):
    path = csv_file("\ufeffA1;A2", "1;2", "2;1", "1;1")
    assert read_answers(path, ["A1", "A2"]).items.shape == (3, 2)


@pytest.mark.parametrize(
    "lines, said",
    [
        ([HEADER, *ROWS, "two,1,f"], "column A1, row 6: 'two' is not a number"),
        ([HEADER, *ROWS, "", "x,1,f"], "column A1, row 7: 'x' is not a number"),
        ([HEADER, *ROWS, "1.5,1,f"], "column A1, row 6: 1.5 is not a whole number"),
        ([HEADER, *ROWS], "column A2, row 5: 9 is outside 1-6; --missing 9"),
        ([HEADER, "1,2,f", "1,1,m", "1,3,m"], "column A1, row 2 onwards: everybody"),
        ([HEADER, "1,,f", "2,,m", "1,,m"], "column A2, row 2 onwards: nobody"),
        ([HEADER, "1,1,f", "2,2,m", "3,3,f"], "the same answers as column A1"),
        ([HEADER, "1,2,f"], "column A2, row 2 is the last: 1 person for 2 items"),
        ([HEADER, "1,2"], "row 2: 2 cells under 3 column names"),
        (["A1,A1,gender", "1,2,f"], "row 1: two columns are named A1"),
        ([MANY_NAMES, "1"], "this file has 100,000 columns; at most 10,000 are read"),
        (["A1,gender", "1,f"], "no column A2; the header has A1, gender"),
        ([HEADER], "no rows below the header"),
        ([""], "the file is empty"),
    ],
)
def test_what_cannot_be_used_is_named_with_file_column_and_row(csv_file, lines, said):
    with pytest.raises(InvalidTable, match=f"^answers.csv: .*{said}"):
        read_answers(csv_file(*lines), ["A1", "A2"], categories=(1, 6))


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InvalidTable, match="no such file"):
        read_answers(tmp_path / "none.csv", ["A1", "A2"])


@pytest.mark.parametrize(
    "texts",
    [
        ["A=A1,A2;C=C1"],
        ["A=A1-A2", "C=C1"],
        ["A: A1 A2; C: C1"],
        ["A,C"],
    ],
)
def test_scales_are_understood_however_they_are_typed(texts):
    found = parse_scales(texts, lambda: ["A1", "A2", "C1", "gender"])
    assert found == {"A": ["A1", "A2"], "C": ["C1"]}


def test_scales_come_from_a_file_too(tmp_path):
    path = tmp_path / "scales.yaml"
    path.write_text("A: [A1, A2]\n")
    assert read_settings(path).scales == {"A": ["A1", "A2"]}


def test_a_scale_that_names_no_column_is_refused():
    with pytest.raises(InvalidTable, match="no column is B and a number"):
        parse_scales(["B"], lambda: ["A1"])


def test_categories_are_a_range():
    assert parse_categories("1-6") == (1, 6)
    with pytest.raises(InvalidTable, match="lowest-highest"):
        parse_categories("6-1")
