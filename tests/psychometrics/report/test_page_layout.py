"""How tables stand on the pages of the PDF."""

import io
import re
from collections import defaultdict

import pandas as pd
import pytest
from pypdf import PdfReader

from psychometrics.report import ValidationReport
from psychometrics.report.document import Cover, Section, Table

LONG_HEADINGS = [f"mean upper {letter}" for letter in "abcdefghijkl"]


def numbered(k, n_rows):
    """A table whose every row says which one it is."""
    frame = pd.DataFrame(
        {"value": range(n_rows)}, index=[f"t{k}r{row}x" for row in range(n_rows)]
    )
    return Table(name=f"Table {k}", caption="Rows of a table.", frame=frame)


def pages_of(tables):
    """The text of each page of a report that is these tables and no more."""
    section = Section(key="s", title="Tables", plain="One.", tables=tuple(tables))
    cover = Cover(
        title="T", date="", source="s", fingerprint="f", n_persons=1, n_items=1, seed=1
    )
    report = ValidationReport(cover=cover, sections=(section,))
    return PdfReader(io.BytesIO(report.to_pdf())).pages


@pytest.fixture(scope="module")
def rows_by_page():
    """{n rows of a table: {table: [rows on its first page, ...]}}."""
    found = {}
    for n_rows in (9, 20):
        pages = pages_of(numbered(k, n_rows) for k in range(18))
        found[n_rows] = defaultdict(list)
        for page in pages:
            rows = re.findall(r"t(\d+)r\d+x", page.extract_text())
            for k in dict.fromkeys(rows):
                found[n_rows][int(k)].append(rows.count(k))
    return found


def test_a_short_table_stands_on_one_page(rows_by_page):
    assert dict(rows_by_page[9]) == {k: [9] for k in range(18)}


def test_a_long_table_begins_with_more_than_a_row_or_two(rows_by_page):
    tables = rows_by_page[20]
    assert {sum(rows) for rows in tables.values()} == {20}
    assert min(rows[0] for rows in tables.values()) >= 4
    assert max(len(rows) for rows in tables.values()) == 2


def test_headings_break_before_the_letters_of_a_table_shrink():
    frame = pd.DataFrame([[0.25] * 12], index=["row"], columns=LONG_HEADINGS)
    table = Table(name="t", caption="Wide.", frame=frame)
    sizes = {}

    def note(text, _, matrix, __, size):
        sizes[text.strip()] = round(size * abs(matrix[3]), 1)

    pages_of([table])[1].extract_text(visitor_text=note)
    shown = [size for text, size in sizes.items() if "0.25" in text]
    assert shown and min(shown) >= 7
