"""CSV for readers: no cell of it is run by a spreadsheet as a formula.

The survey has the same rule for its own files; a test compares the two.
"""

import csv
import io
from collections.abc import Iterable, Iterator

from item_bank.errors import Problem
from item_bank.models import Instrument
from item_bank.texts import texts

# How a cell begins that a spreadsheet runs instead of showing it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows of cells as the text of a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(map(_neutral, row) for row in rows)
    return out.getvalue()


def _neutral(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    safe = f"'{cell}" if cell.startswith(FORMULA) else cell
    return safe.replace("\r\n", "\n").replace("\r", "\n")  # else never quoted


def formulas(form: Instrument) -> Iterator[Problem]:
    """Texts that could not be told to another program as they are."""
    for key, text in texts(form).items():
        if text.startswith(FORMULA):
            says = "begins as a formula does in a spreadsheet; begin with a letter"
            yield Problem(form.ref, key, says, "interchange")
