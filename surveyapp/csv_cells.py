"""Cells of CSV files: written so that no spreadsheet runs one as a formula."""

import csv
import io
import re
from dataclasses import dataclass

# How a cell begins that a spreadsheet runs instead of showing it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
RETURNS = re.compile(r"\r\n?")
BELOW_NOUGHT = re.compile(r"-(\d+(\.\d*)?([eE][+-]?\d+)?|inf)")


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


def plain(text):
    """A text that was made `neutral`, as it was."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text


def csv_text(rows):
    """Rows of cells as the text of a CSV file; none of them is run as a formula.

    Numbers stay numbers, also those below nought that came as text. A carriage return
    becomes the end of a line: the writer leaves it without quotes, and what comes
    after it would be a cell of its own.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def frame_text(frame, *, index=True):
    """The same of a table with labels, as pandas writes it."""
    made = frame.to_csv(index=index, quoting=csv.QUOTE_ALL, lineterminator="\n")
    return csv_text(csv.reader(io.StringIO(made)))


def _safe(cell):
    if not isinstance(cell, str) or BELOW_NOUGHT.fullmatch(cell):
        return cell
    return RETURNS.sub("\n", neutral(cell))
