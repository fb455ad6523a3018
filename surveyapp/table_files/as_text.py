"""Workbooks and files of statistics programs as text, for who reads line by line."""

import csv
import io

from .excel import read_excel
from .labelled_files import read_labelled
from .parquet import read_parquet
from .raw_table import InvalidTable
from .reading import kind_of

WORDS = {
    "excel": "an Excel workbook",
    ".sav": "an SPSS file",
    ".dta": "a Stata file",
    "parquet": "a Parquet file",
}
FOR_PAGES = ("text", "excel")  # what is taken apart in Python alone


def as_csv(raw, name, *, known=(), is_upload=False):
    """The rows of a file that is no text as bytes of CSV, each in a line of its own.

    The row of a workbook is the line of the text, so that what is wrong with a row is
    found in the workbook; of other files line 1 has the names. Codes that a file
    declares as missing stay. InvalidTable as `parse_table` says it.
    """
    kind = kind_of(raw, name)
    if is_upload and kind not in FOR_PAGES:
        raise InvalidTable(f"{name}: save it as CSV UTF-8 or as an Excel file (.xlsx)")
    if kind == "excel":
        records, _ = read_excel(raw, name)
    else:
        records = _with_names(raw, name, kind, known)
    made, last = io.StringIO(), 0
    writer = csv.writer(made, lineterminator="\n")
    for row, cells in records:
        made.write("\n" * (row - last - 1))
        writer.writerow([" ".join(cell.split()) for cell in cells])
        last = row
    return made.getvalue().encode()


def _with_names(raw, name, kind, known):
    if kind == "parquet":
        header, rows, _ = read_parquet(raw, name, keep_missing=True)
    else:
        header, rows, _ = read_labelled(raw, name, kind, known=known, keep_missing=True)
    return [(1, header), *((row + 1, cells) for row, cells in rows.items())]
