"""A Parquet file that carries its labels, and scripts that read and label it."""

import io
import json
from importlib.resources import files

from ...errors import InvalidAnswers

SCRIPTS = ("read_export.R", "read_export.py")


def parquet(table):
    """The bytes of a Parquet file; InvalidAnswers where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as problem:
        says = "Parquet needs pyarrow: pip install 'care-planning-survey[parquet]'"
        raise InvalidAnswers({"formats": says}) from problem
    from ...table_files.parquet import OWN

    fields, columns = [], []
    for place, variable in enumerate(table.variables):
        kind = pyarrow.int16() if _is_small(table, place) else pyarrow.string()
        fields.append(
            pyarrow.field(variable.name, kind, metadata={OWN: _about(variable)})
        )
        columns.append(_cells(table.column(place), kind == pyarrow.int16()))
    packed = io.BytesIO()
    schema = pyarrow.schema(fields)
    made = pyarrow.table(
        [pyarrow.array(c, f.type) for c, f in zip(columns, fields)], schema=schema
    )
    parquet.write_table(made, packed)
    return packed.getvalue()


def scripts():
    """The scripts by name."""
    here = files(__package__) / "scripts"
    return {name: (here / f"{name}.txt").read_text("utf-8") for name in SCRIPTS}


def _is_small(table, place):
    is_number = table.variables[place].is_number
    return is_number and all(
        -32_768 <= int(c) < 32_768 for c in table.column(place) if c
    )


def _about(variable):
    about = {
        "text": variable.text,
        "labels": variable.labels,
        "missing": list(variable.missing),
        "measure": variable.measure,
        "version": variable.version,
    }
    return json.dumps(about).encode()


def _cells(cells, are_numbers):
    return [None if not c else int(c) if are_numbers else c for c in cells]
