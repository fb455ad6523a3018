"""Reads the table of the population that a sample should stand for."""

import pandas as pd

from .tables import InvalidTable, read_rows

NEEDED = ("variable", "group", "count")


def read_population(path):
    """Read variable, group, count and, if it is there, invited.

    A count may be empty where only the number invited is known. Raises InvalidTable,
    which names the row.
    """
    header, rows = read_rows(path)
    for column in NEEDED:
        if column not in header:
            raise InvalidTable(
                f"{path.name}: no column {column}; a population table has "
                f"{', '.join(NEEDED)}, and may have invited"
            )
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=header)
    seen = {}
    for row, pair in zip(frame.index, zip(frame["variable"], frame["group"])):
        if pair in seen:
            raise InvalidTable(
                f"{path.name}: row {row}: {pair[0]} {pair[1]} stands in row "
                f"{seen[pair]} already"
            )
        seen[pair] = row
    for column in {"count", "invited"} & set(header):
        frame[column] = _counts(path, column, frame[column])
    return frame


def _counts(path, column, cells):
    numbers = pd.to_numeric(cells.where(cells != ""), errors="coerce")
    wrong = (cells != "") & ~((numbers >= 0) & (numbers % 1 == 0))
    if wrong.any():
        row = cells.index[wrong][0]
        raise InvalidTable(
            f"{path.name}: column {column}, row {row}: {cells[row][:40]!r} is not a "
            "number of people"
        )
    return numbers.astype(float)
