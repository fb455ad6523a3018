"""Reads the table of the population that a sample should stand for."""

import pandas as pd

from ...csv_cells import FORMULA
from ...file_limits import POPULATION
from ...table_files.raw_table import InvalidTable
from ...table_files.reading import parse_table, read_table

NEEDED = ("variable", "group", "count")


def read_population(path):
    """Read one file: `parse_population` of what is in it."""
    return _population(read_table(path, wanted=NEEDED))


def parse_population(raw, name):
    """The table in the bytes of a file, which is called `name`.

    Columns variable, group, count and, if it is there, invited; a count may be empty
    where only the number invited is known. Raises InvalidTable, which names the row.
    """
    return _population(
        parse_table(
            raw, name, wanted=NEEDED, most_bytes=POPULATION.n_bytes, is_upload=True
        )
    )


def _population(table):
    name, header, rows = table.name, table.header, table.rows
    for column in NEEDED:
        if column not in header:
            raise InvalidTable(
                f"{name}: no column {column}; a population table has "
                f"{', '.join(NEEDED)}, and may have invited"
            )
    if len(header) > POPULATION.n_columns:
        most = f"at most {POPULATION.n_columns} are read"
        raise InvalidTable(f"{name}: this file has {len(header):,} columns; {most}")
    if len(rows) > POPULATION.n_rows:
        raise InvalidTable(f"{name}: more than {POPULATION.n_rows} rows")
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(header))
    for column in ("variable", "group"):
        _check_labels(name, column, frame[column])
    seen = {}
    for row, pair in zip(frame.index, zip(frame["variable"], frame["group"])):
        if pair in seen:
            raise InvalidTable(
                f"{name}: row {row}: {pair[0]} {pair[1]} stands in row "
                f"{seen[pair]} already"
            )
        seen[pair] = row
    for column in {"count", "invited"} & set(header):
        frame[column] = _counts(name, column, frame[column])
    return frame


def _check_labels(name, column, cells):
    """Labels stand in the report's tables, which people open in a spreadsheet."""
    wrong = cells.str.startswith(FORMULA) | (cells.str.len() > POPULATION.longest)
    if wrong.any():
        row = cells.index[wrong][0]
        raise InvalidTable(
            f"{name}: column {column}, row {row}: {cells[row][:40]!r} is a formula "
            f"to a spreadsheet, or longer than {POPULATION.longest} letters"
        )


def _counts(name, column, cells):
    numbers = pd.to_numeric(cells.where(cells != ""), errors="coerce")
    wrong = (cells != "") & ~((numbers >= 0) & (numbers % 1 == 0))
    if wrong.any():
        row = cells.index[wrong][0]
        raise InvalidTable(
            f"{name}: column {column}, row {row}: {cells[row][:40]!r} is not a "
            "number of people"
        )
    return numbers.astype(float)
