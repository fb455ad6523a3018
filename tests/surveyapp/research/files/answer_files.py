"""Writes one table of answers as any program would, with or without a trouble in it."""

import csv
import io

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat

ITEMS = ["q1", "q2", "q3", "q4"]
WORDS = ["Never", "Rarely", "Sometimes", "Often", "Always"]
TEXT = ("csv", "semicolon", "tab", "pipe", "utf-16", "cp1252", "old-mac")
SHEETS = (*TEXT, "xlsx")
FORMATS = (*SHEETS, "sav", "dta", "parquet")
SEPARATOR = {"semicolon": ";", "tab": "\t", "pipe": "|", "utf-16": "\t"}
CODING = {"utf-16": "utf-16", "cp1252": "cp1252"}
SUFFIX = {"xlsx": ".xlsx", "sav": ".sav", "dta": ".dta", "parquet": ".parquet"}


def answers(n=60, *, blanks=True):
    """Codes 1 to 5 of persons who differ; some unanswered."""
    rng = np.random.default_rng(20)
    level = rng.normal(size=(n, 1))
    codes = np.clip(np.round(3 + level + rng.normal(size=(n, len(ITEMS)))), 1, 5)
    codes[:5] = np.arange(1, 6)[:, None]  # every option in every item
    if blanks:
        codes[10:14, 2] = codes[20, 0] = np.nan
    return pd.DataFrame(codes, columns=ITEMS)


def as_texts(frame, blank=""):
    """Rows of cells of text: whole numbers, and `blank` where unanswered."""
    return [
        [blank if np.isnan(code) else str(int(code)) for code in row]
        for row in frame.to_numpy()
    ]


def write(folder, kind, header, rows, *, above=()):
    """The path of a file with rows of text under a header, and rows above it."""
    path = folder / f"answers{SUFFIX.get(kind, '.csv')}"
    if kind in TEXT:
        path.write_bytes(_text(kind, [*above, header, *rows]))
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for row in [*above, header, *rows]:
            book.active.append([_number(cell) for cell in row])
        book.save(path)
    else:
        _write_frame(path, kind, pd.DataFrame(rows, columns=header))
    return path


def _text(kind, rows):
    made = io.StringIO()
    separator = SEPARATOR.get(kind, ",")
    ends = "\r" if kind == "old-mac" else "\r\n"
    csv.writer(made, delimiter=separator, lineterminator=ends).writerows(rows)
    return made.getvalue().encode(CODING.get(kind, "utf-8"))


def _number(cell):
    return int(cell) if cell.lstrip("-").isdigit() else cell or None


def _write_frame(path, kind, frame):
    numbers = frame.apply(pd.to_numeric, errors="coerce")
    kept = [c for c in frame if (numbers[c].isna() == (frame[c] == "")).all()]
    frame = frame.assign(**{name: numbers[name] for name in kept})
    if kind == "parquet":
        frame.to_parquet(path)
    else:
        write_as = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}[kind]
        write_as(frame, str(path))
