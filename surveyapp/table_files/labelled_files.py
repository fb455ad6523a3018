"""SPSS (.sav) and Stata (.dta): codes with labels, and what they declare missing."""

import tempfile
from pathlib import Path

import numpy as np

from .raw_table import Column, InvalidTable
from .spss_and_stata_names import code_of, full_names

READERS = {".sav": "read_sav", ".zsav": "read_sav", ".dta": "read_dta"}


def read_labelled(raw, name, suffix, *, known=(), keep_missing=False):
    """(Header, {row: cells}, {name: Column}) of the bytes of an SPSS or Stata file.

    Rows are counted from 1: such a file has no line of names. Codes that the file
    declares as missing become empty cells, unless `keep_missing` is for who knows
    what they mean. A name that an export of ours cut for Stata is whole again where
    it is among the `known`.
    """
    frame, about = _parsed(raw, name, suffix)
    stored = [str(column) for column in frame.columns]
    header = full_names(stored, known)
    columns = [
        _column(name, about, frame.iloc[:, place]) for place, name in enumerate(stored)
    ]
    cells = [
        _texts(frame.iloc[:, place], column.missing, about, name, keep_missing)
        for place, (name, column) in enumerate(zip(stored, columns))
    ]
    rows = {n: list(row) for n, row in enumerate(zip(*cells), 1) if any(row)}
    return header, rows, dict(zip(header, columns))


def _parsed(raw, name, suffix):
    import pyreadstat

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"answers{suffix}"
        path.write_bytes(raw)
        try:
            read = getattr(pyreadstat, READERS[suffix])
            return read(str(path), user_missing=True)
        except Exception as problem:  # the library has no one error of its own
            kind = "an SPSS" if suffix.endswith("sav") else "a Stata"
            raise InvalidTable(
                f"{name}: {kind} file that cannot be read ({_one_line(problem)}); "
                "save it again, or as CSV UTF-8"
            ) from problem


def _one_line(problem):
    return str(problem).splitlines()[0][:80] if str(problem) else "damaged"


def _column(name, about, values):
    labels = about.variable_value_labels.get(name, {})
    ranges = about.missing_ranges.get(name, ())
    declared = [part["lo"] for part in ranges if part["lo"] == part["hi"]]
    declared += about.missing_user_values.get(name, ())  # Stata's letters
    return Column(
        text=about.column_names_to_labels.get(name) or "",
        labels={code_text(code): str(label) for code, label in labels.items()},
        missing=tuple(map(code_text, declared)) + _in_wide(labels, values, ranges),
    )


def _in_wide(labels, values, ranges):
    """Codes that are labelled or stand inside a range declared missing as a whole."""
    wide = [part for part in ranges if part["lo"] != part["hi"]]
    found = {*labels, *values.dropna().unique()} if wide else ()
    inside = [code for code in found if any(_inside(code, part) for part in wide)]
    return tuple(map(code_text, sorted(inside)))


def _texts(values, missing, about, name, keep_missing):
    """The cells of one column as text; empty where nothing, or nothing valid, is."""
    ranges = about.missing_ranges.get(name, ())
    texts = [code_text(value) for value in values]
    is_out = [
        text in missing or any(_inside(value, part) for part in ranges)
        for text, value in zip(texts, values)
    ]
    if keep_missing:
        return [code_of(text) if out else text for text, out in zip(texts, is_out)]
    return ["" if out else text for text, out in zip(texts, is_out)]


def _inside(value, part):
    is_number = isinstance(value, (int, float)) and isinstance(part["lo"], (int, float))
    return is_number and part["lo"] <= value <= part["hi"]


def code_text(value):
    """A code as text: 3 for 3.0, nothing for what is missing."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()
