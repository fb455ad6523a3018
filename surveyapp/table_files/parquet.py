"""Parquet files, with what pandas or our own exports say of each column."""

import io
import json

from .labelled_files import code_text
from .raw_table import Column, InvalidTable

OWN = b"care_planning_survey"  # of a column: its text, labels and missing codes
# What is said of a column may be anything, and a day may be of no calendar.
ODD = (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)


def read_parquet(raw, name, *, keep_missing=False):
    """(Header, {row: cells}, {name: Column}) of the bytes of a Parquet file."""
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as problem:
        raise InvalidTable(
            f"{name}: Parquet files are not read here",
            command="pip install pyarrow, or save it as CSV",
            page="save it as CSV UTF-8",
        ) from problem
    try:
        table = parquet.read_table(io.BytesIO(raw))
        columns = {field.name: _column(field) for field in table.schema}
        cells = [
            _texts(column.to_pylist(), () if keep_missing else columns[field].missing)
            for field, column in zip(table.column_names, table.columns)
        ]
    except (ArrowException, OSError, *ODD) as problem:
        raise InvalidTable(f"{name}: a damaged Parquet file") from problem
    rows = {n: list(row) for n, row in enumerate(zip(*cells), 1) if any(row)}
    return list(table.column_names), rows, columns


def _column(field):
    about = json.loads((field.metadata or {}).get(OWN, b"{}"))
    return Column(
        text=str(about.get("text", "")),
        labels={code: str(label) for code, label in about.get("labels", {}).items()},
        missing=tuple(map(str, about.get("missing", ()))),
    )


def _texts(values, missing):
    return ["" if (text := code_text(v)) in missing else text for v in values]
