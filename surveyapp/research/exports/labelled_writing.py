"""SPSS (.sav) and Stata (.dta) files with labels, levels and declared missing codes."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

from ...table_files.spss_and_stata_names import (
    CODES,
    spss_missing,
    stata_missing,
    stata_name,
)

LONGEST_LABEL = {"sav": 255, "dta": 80}  # bytes of what a column says
LONGEST_VALUE_LABEL = {"sav": 120, "dta": 32_000}
RANGE = {"lo": -max(CODES), "hi": -min(CODES)}


def sav(table, title):
    """The bytes of an SPSS file; missing codes are negative and declared as a range."""
    numbers = [v for v in table.variables if v.is_number]
    return _written(
        pyreadstat.write_sav,
        "sav",
        _frame(table, spss_missing, np.float64),
        file_label=_cut(title, 60),
        column_labels=_texts(table, "sav"),
        variable_value_labels={
            v.name: _labels(v, lambda code: int(spss_missing(code)), "sav")
            for v in table.variables
            if v.is_number and v.labels
        },
        missing_ranges={v.name: [RANGE] for v in numbers if v.missing},
        variable_measure={v.name: v.measure for v in table.variables},
        variable_format={v.name: "F8.0" for v in numbers},
    )


def dta(table, title):
    """The bytes of a Stata file; missing codes are the letters .a to .l."""
    frame = _frame(table, stata_missing, object)
    frame.columns = [stata_name(name) for name in frame]
    return _written(
        pyreadstat.write_dta,
        "dta",
        frame,
        file_label=_cut(title, 80),
        column_labels=_texts(table, "dta"),
        variable_value_labels={
            stata_name(v.name): _labels(v, stata_missing, "dta")
            for v in table.variables
            if v.is_number and v.labels
        },
        missing_user_values={
            stata_name(v.name): sorted(map(stata_missing, v.missing))
            for v in table.variables
            if v.is_number and v.missing
        },
    )


def _frame(table, missing, kind):
    """Numbers where a column holds nothing else, and texts."""
    made = {}
    for place, variable in enumerate(table.variables):
        cells = table.column(place)
        if not variable.is_number:
            made[variable.name] = pd.Series(cells, dtype=object)
            continue
        written = {code: missing(code) for code in variable.missing}
        values = [_number(cell, written) for cell in cells]
        made[variable.name] = pd.Series(values, dtype=kind if written else np.float64)
    return pd.DataFrame(made)


def _number(cell, written):
    """A cell as a number; a missing code as the format writes it."""
    cell = written.get(cell, cell)
    if not cell:
        return np.nan
    return cell if cell.isalpha() else float(cell)


def _labels(variable, missing, kind):
    longest = LONGEST_VALUE_LABEL[kind]
    return {
        missing(code) if code in variable.missing else int(code): _cut(label, longest)
        for code, label in variable.labels.items()
    }


def _texts(table, kind):
    return [_cut(v.text, LONGEST_LABEL[kind]) for v in table.variables]


def _cut(text, longest):
    """As many letters as fit into so many bytes; the dictionary has all of them."""
    return text.encode()[:longest].decode(errors="ignore")


def _written(write, suffix, frame, **about):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"responses.{suffix}"
        write(frame, str(path), **about)
        return path.read_bytes()
