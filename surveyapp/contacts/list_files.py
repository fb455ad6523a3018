"""The rows of a list of people, from delimited text or a workbook, as (line, cells).

What was sent is kept in encrypted pieces: text as it is, and the bytes of a workbook
in base64. Text is read a piece at a time; a workbook is as large as its limit at most.
"""

import base64
import io
from itertools import chain

from ..delimited import Rows, encoding_of, pieces
from ..file_limits import CONTACTS, FileRefused
from ..table_files.apart import read_header_apart
from ..table_files.excel import cell_text, check_size
from ..table_files.raw_table import InvalidTable

BEGINS = b"PK\x03\x04"  # of a workbook
PIECE = 3 * 2**14  # bytes; base64 of whole threes can be joined
NOT_ONE = "this is no Excel workbook; save the sheet as .xlsx or CSV UTF-8"


def form_of(file):
    """How a binary file is written: `xlsx`, or the encoding of a text."""
    first = file.read(4)
    file.seek(0)
    return "xlsx" if first == BEGINS else encoding_of(file)


def texts_of(file, form):
    """What is kept of a binary file, a piece at a time."""
    if form != "xlsx":
        yield from filter(None, pieces(file, form))
        return
    file.seek(0)
    while raw := file.read(PIECE):
        yield base64.b64encode(raw).decode()


def header_of(file, form):
    """The names of the columns of a binary file; somebody waits for the page.

    A workbook is opened as a whole for it, so another process does that.
    """
    if form != "xlsx":
        return Rows(texts_of(file, form), CONTACTS).header
    file.seek(0)
    try:
        header = read_header_apart(file.read(), "this file")
    except InvalidTable as problem:
        raise FileRefused(f"{problem}") from problem
    CONTACTS.check_columns(len(header))
    return header


def rows_of(texts, form):
    """The header and an iterator of (line, cells) of what is kept."""
    if form != "xlsx":
        rows = Rows(texts, CONTACTS)
        return rows.header, iter(rows)
    raw = io.BytesIO()
    for text in texts:
        raw.write(base64.b64decode(text))
    rows = _sheet(raw)
    try:
        _, header = next(rows)
    except StopIteration:
        raise FileRefused("the workbook is empty") from None
    CONTACTS.check_columns(len(header))
    return header, _of_width(rows, len(header))


def _sheet(raw):
    """(row, cells) of the first sheet with anything in it; formulas as they are."""
    from openpyxl import load_workbook

    try:
        check_size(raw.getvalue(), "this file")
        book = load_workbook(raw, read_only=True)
        for sheet in book.worksheets:
            rows = _filled(sheet)
            first = next(rows, None)
            if first is not None:
                yield from chain([first], rows)
                return
    except InvalidTable as problem:
        raise FileRefused(f"{problem}") from problem
    except Exception as problem:  # whatever a damaged archive makes the reader raise
        if isinstance(problem, FileRefused):
            raise
        raise FileRefused(NOT_ONE) from problem


def _filled(sheet):
    for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        texts = [cell_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        CONTACTS.check_columns(len(texts))
        if texts:
            yield line, texts


def _of_width(rows, width):
    for n, (line, cells) in enumerate(rows, 1):
        if n > CONTACTS.n_rows:
            raise FileRefused(
                f"there are more than {CONTACTS.n_rows:,} rows; make two files"
            )
        yield line, cells + [""] * (width - len(cells))
