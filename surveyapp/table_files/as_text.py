"""Workbooks and files of statistics programs as text, for who reads line by line."""

import csv
import io

from .apart import read_apart, read_here, read_workbook_apart
from .excel import read_excel
from .reading import kind_of
from .spss_and_stata_names import CODES


def as_csv(raw, name, *, known=(), is_upload=False):
    """The rows of a file that is no text as bytes of CSV, each in a line of its own.

    The row of a workbook is the line of the text, so that what is wrong with a row is
    found in the workbook; of other files line 1 has the names. Codes that a file
    declares as missing are empty cells, but for those that stand for no category in
    files of ours. InvalidTable as `parse_table` says it.
    """
    kind = kind_of(raw, name)
    if kind == "excel":
        records, _ = (read_workbook_apart if is_upload else read_excel)(raw, name)
    else:
        read = read_apart if is_upload else read_here
        header, rows, about = read(raw, name, kind, known=known, keep_missing=True)
        none = [_no_answers(about.get(column)) for column in header]
        records = [
            (1, header),
            *((row + 1, _without(cells, none)) for row, cells in rows.items()),
        ]
    made, last = io.StringIO(), 0
    writer = csv.writer(made, lineterminator="\n")
    for row, cells in records:
        made.write("\n" * (row - last - 1))
        writer.writerow([" ".join(cell.split()) for cell in cells])
        last = row
    return made.getvalue().encode()


def _no_answers(column):
    """Codes that a file declares as missing, and that mean nothing in ours."""
    return {*column.missing} - {*map(str, CODES)} if column is not None else ()


def _without(cells, none):
    return ["" if cell in out else cell for cell, out in zip(cells, none)]
