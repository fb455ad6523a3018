"""CSV and its kin: any of four separators, any usual encoding, quoted line breaks."""

import csv
import io
import re

from .raw_table import InvalidTable

SEPARATORS = ",;\t|"
SAMPLE = 50  # records that are looked at to tell the separator
_SEP_LINE = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)
_BINARY = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)"),
    (b"{\\rtf", "a text document"),
    (b"<html", "a web page"),
    (b"<!DOCTYPE", "a web page"),
)


def read_text(raw, name):
    """(Records, notes): [(row of the file, cells)], of the bytes of a text file."""
    text, notes = decoded(raw, name)
    separator, text, n_before = _sep_line(text)
    if separator is None:
        separator = _separator(text, name)
    return [*_records(text, separator, name, n_before)], notes


def decoded(raw, name):
    """(Text, notes): InvalidTable where the bytes are no text."""
    for mark, kind in _BINARY:
        if raw.lstrip()[: len(mark)].lower() == mark.lower():
            raise InvalidTable(f"{name}: this is {kind}; save it as CSV UTF-8 or .xlsx")
    text, notes = _text_of(raw, name)
    if not text.strip():
        raise InvalidTable(f"{name}: the file is empty")
    if "\0" in text:
        raise InvalidTable(f"{name}: not a text file; save it as CSV UTF-8")
    return text, notes


def _text_of(raw, name):
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _as(raw, "utf-16", name), ["read as UTF-16"]
    if b"\0" in raw[:200]:
        even, odd = raw[0:200:2].count(0), raw[1:200:2].count(0)
        if max(even, odd) > 3 * min(even, odd):
            coding = "utf-16-be" if even > odd else "utf-16-le"
            return _as(raw, coding, name), ["read as UTF-16"]
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as problem:
        row = raw[: problem.start].count(b"\n") + 1
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError as problem:
        raise InvalidTable(
            f"{name}: row {row}: neither UTF-8 nor Windows text; "
            "save the file as CSV UTF-8"
        ) from problem
    return text, [f"row {row} is not UTF-8; read as Windows text (cp1252)"]


def _as(raw, coding, name):
    try:
        return raw.decode(coding).removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        raise InvalidTable(
            f"{name}: cut off or damaged {coding.upper()[:6]} text; "
            "save the file as CSV UTF-8"
        ) from problem


def _sep_line(text):
    """The separator that Excel's first line names, the rest, and lines before it."""
    first, _, rest = text.partition("\n")
    named = _SEP_LINE.fullmatch(first.strip("\r") if first.strip() else "")
    return (named[1], rest, 1) if named else (None, text, 0)


def _separator(text, name):
    """The one that cuts the first records into most cells, alike in all of them."""

    def cuts(separator):
        try:
            widths = [
                len(cells)
                for _, (_, cells) in zip(
                    range(SAMPLE), _records(text, separator, name, 0)
                )
            ]
        except InvalidTable:
            return (0, 0, 0)
        first = widths[0] if widths else 0
        alike = sum(width == first for width in widths)
        return (first > 1, alike / max(len(widths), 1), first)

    return max(SEPARATORS, key=cuts)


def _records(text, separator, name, n_before):
    """(Row, cells) of each record; a record with line breaks begins at its row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins + n_before, [cell.strip() for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as problem:
        raise InvalidTable(f"{name}: row {begins + n_before}: {problem}") from problem
