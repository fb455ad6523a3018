"""An Excel workbook: the answers, and the codebook on a sheet beside them."""

import io

from openpyxl import Workbook
from openpyxl.styles import Font

from ...table_files.excel import OWN_CODEBOOK, OWN_SHEET

WIDEST = 60  # letters


def xlsx(table, codebook):
    """The bytes of a workbook; `codebook` is rows, header first.

    Whole numbers are numbers, all else is text, so that nothing is taken for a date.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = OWN_SHEET
    is_number = [variable.is_number for variable in table.variables]
    _fill(sheet, [table.header])
    _fill(
        sheet,
        (
            [int(c) if number and c else c for number, c in zip(is_number, row)]
            for row in table.rows
        ),
    )
    _fill(beside := book.create_sheet(OWN_CODEBOOK), codebook)
    beside.column_dimensions["A"].width = beside.column_dimensions["C"].width = WIDEST
    for each in (sheet, beside):
        each.freeze_panes = "B2"
        for cell in each[1]:
            cell.font = Font(bold=True)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _fill(sheet, rows):
    for cells in rows:
        sheet.append(["" if cell is None else cell for cell in cells])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str) and cell.value:
                cell.data_type = "s"
                cell.number_format = "@"
