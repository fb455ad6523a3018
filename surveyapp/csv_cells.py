"""Cells of CSV files: written so that no spreadsheet runs one as a formula."""

import csv
import io
from dataclasses import dataclass

# How a cell begins that a spreadsheet runs instead of showing it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell; `row` is the line of the file."""

    row: int
    column: str
    says: str


def neutral(text):
    """A text cell that no spreadsheet takes for a formula."""
    text = "" if text is None else str(text)
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_text(rows):
    """Rows of cells as the text of a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
