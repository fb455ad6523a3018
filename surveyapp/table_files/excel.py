"""Excel workbooks (.xlsx): the one sheet that holds a table."""

import datetime
import io
import re
import zipfile

from .raw_table import InvalidTable

OWN_SHEET, OWN_CODEBOOK = "responses", "codebook"  # of a workbook that we exported
MOST_UNPACKED = 1_000_000_000
MOST_TIMES = 200  # larger than packed: sheets of numbers are 5 to 20 times
MOST_CELLS = 50_000_000  # of a file on this machine
MOST_CELLS_SENT = 4_000_000  # of one sent to a page: 20 000 people with 200 answers
MOST_ROWS = 2**20  # of a sheet, in Excel itself


def read_excel(raw, name, most_cells=MOST_CELLS):
    """(Records, notes) of the only sheet that has cells; formulas give their values."""
    from openpyxl import load_workbook

    check_size(raw, name)
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheets = {s.title: _records(s, name, most_cells) for s in book.worksheets}
    except InvalidTable:
        raise
    except Exception as problem:  # whatever a damaged archive makes the reader raise
        raise InvalidTable(
            f"{name}: not a workbook that can be read; save the sheet as CSV UTF-8"
        ) from problem
    filled = {title: records for title, records in sheets.items() if records}
    if not filled:
        raise InvalidTable(f"{name}: the file is empty")
    if {OWN_SHEET, OWN_CODEBOOK} <= {*filled}:
        filled = {OWN_SHEET: filled[OWN_SHEET]}
    if len(filled) > 1:
        raise InvalidTable(
            f"{name}: {len(filled)} sheets have cells ({', '.join(filled)}); "
            "save the one with the answers as a file of its own"
        )
    (title, records), *_ = filled.items()
    return records, [f"read from sheet {title}"] if len(sheets) > 1 else []


def first_row(raw, name):
    """The first row with anything in it, of the first such sheet, to its last cell."""
    from openpyxl import load_workbook

    check_size(raw, name)
    try:
        sheets = load_workbook(io.BytesIO(raw), read_only=True).worksheets
        rows = (
            cells for sheet in sheets for cells in sheet.iter_rows(values_only=True)
        )
        texts = next(filter(any, ([cell_text(c) for c in cells] for cells in rows)), [])
    except Exception as problem:  # whatever a damaged archive makes the reader raise
        raise InvalidTable(
            f"{name}: no Excel workbook; save the sheet as .xlsx or CSV UTF-8"
        ) from problem
    if not texts:
        raise InvalidTable(f"{name}: the workbook is empty")
    while not texts[-1]:
        texts.pop()
    return texts


def check_size(raw, name):
    """A small archive may unpack to more than the machine holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            listed = archive.infolist()
    except zipfile.BadZipFile as problem:
        raise InvalidTable(f"{name}: a damaged workbook") from problem
    if not any(part.filename == "xl/workbook.xml" for part in listed):
        raise InvalidTable(
            f"{name}: an archive that is no Excel workbook; "
            "unpack it, or save the sheet as .xlsx or CSV UTF-8"
        )
    most = min(MOST_UNPACKED, 10**6 + MOST_TIMES * len(raw))
    if sum(part.file_size for part in listed) > most:
        raise InvalidTable(f"{name}: unpacks to more than {most / 10**6:,.0f} MB")


def _records(sheet, name, most_cells):
    """[(row, cells)] of the rows with anything in them, all equally long.

    How large a sheet says that it is counts for nothing: it may say too little, and
    rows would be missing, or far too much.
    """
    sheet.reset_dimensions()
    too_many = InvalidTable(
        f"{name}: more than {most_cells:,} cells or {MOST_ROWS:,} rows"
    )
    rows, n_cells = [], 0
    for row, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        n_cells += len(cells)
        if n_cells > most_cells or row > MOST_ROWS:
            raise too_many
        texts = [cell_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            rows.append((row, texts))
    width = max((len(texts) for _, texts in rows), default=0)
    if width * len(rows) > most_cells:
        raise too_many
    return [(row, texts + [""] * (width - len(texts))) for row, texts in rows]


def cell_text(cell):
    """A cell as it would stand in a CSV; days in the order of ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        at = cell.isoformat(sep=" ")
        return at.removesuffix(" 00:00:00")
    return re.sub(r"_x000D_\n?", "\n", str(cell)).strip()
