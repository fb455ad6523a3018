"""Reads a CSV of answers and says, in one line, where it cannot be used."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ...errors import SurveyError

MAX_BYTES = 200_000_000
MOST_COLUMNS = 10_000  # no study asks as much, and each is looked at by itself


class InvalidTable(SurveyError):
    """A file of answers that cannot be used: names file, column and row."""


@dataclass(frozen=True, eq=False)
class AnswerTable:
    """The items' codes as numbers, and the other columns as they came.

    `stated` holds the codes as they came, where a codebook says what those beyond
    the categories count as.
    """

    path: Path
    items: pd.DataFrame
    others: pd.DataFrame
    stated: pd.DataFrame | None = None
    codebook: object = None

    def turned(self, items, categories=None):
        """The same answers with some items turned round: low + high - code."""
        _check_columns(self.path, items, self.items)
        low, high = categories or (self.items.min().min(), self.items.max().max())
        codes = self.items.copy()
        codes[list(items)] = low + high - codes[list(items)]
        return replace(self, items=codes)

    def other(self, names):
        """Some of the columns that hold no answers, or None where none is named."""
        _check_columns(self.path, names, self.others)
        return self.others[list(names)] if names else None

    @property
    def applies(self):
        """False where an item does not apply to a person; None without a codebook."""
        if self.codebook is None:
            return None
        return self.codebook.applies(self.stated).set_axis(self.items.index, axis=0)

    @property
    def reasons(self):
        """Counts, for each item, of why answers are not a category."""
        if self.codebook is None:
            return None
        return self.codebook.count_reasons(self.stated)


def read_answers(
    path, items, *, categories=None, missing=(), groups=None, codebook=None
):
    """Read one CSV with a header row; rows of the result are the file's lines.

    Parameters
    ----------
    items : sequence of str
        The columns that hold answers.
    categories : (int, int), optional
        Lowest and highest code; anything else is refused.
    missing : sequence of str
        Codes that stand for no answer, beside the empty cell.
    groups : str, optional
        A further column that must be there.
    codebook : Codebook, optional
        Says what codes beyond the categories count as.

    Raises
    ------
    InvalidTable
        Empty file, wrong encoding, ragged rows, repeated or absent columns, words
        or out-of-range codes, an item everybody answered alike, two items with the
        same answers, or fewer persons than items.
    """
    path = Path(path)
    frame = read_cells(path)
    _check_columns(path, [*items, *([groups] if groups else [])], frame)
    codes = pd.DataFrame(
        {item: _numbers(path, item, frame[item], missing) for item in items},
        index=frame.index,
    )
    stated = codes
    if codebook is not None:
        codes = codebook.apply(codes)
    _check_codes(path, codes, categories)
    others = frame.drop(columns=list(items)).replace("", pd.NA)
    return AnswerTable(path, codes, others, stated, codebook)


def read_cells(path):
    """Return one CSV as it came: cells of text, the file's lines as rows."""
    header, rows = read_rows(Path(path))
    return pd.DataFrame.from_dict(rows, orient="index", columns=header)


def _check_columns(path, wanted, frame):
    for column in wanted:
        if column not in frame:
            raise InvalidTable(
                f"{path.name}: no column {column}; the header has {_some(list(frame))}"
            )


def read_header(path):
    """Return the column names of one CSV."""
    return read_rows(Path(path))[0]


def read_rows(path):
    """Return the header and {line of the file: cells}; InvalidTable where ragged."""
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise InvalidTable(f"{path.name}: {problem.strerror.lower()}") from problem
    return parse_rows(raw, path.name)


def parse_rows(raw, name, *, most_bytes=MAX_BYTES):
    """The same of the bytes of a file, which is called `name`."""
    text = _decoded(raw, name, most_bytes)
    first = text.splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return _rows(reader, name)
    except csv.Error as problem:
        raise InvalidTable(f"{name}: row {reader.line_num}: {problem}") from problem


def _rows(reader, name):
    header = [column.strip() for column in next(reader)]
    if len(header) > MOST_COLUMNS:
        n = f"this file has {len(header):,} columns"
        raise InvalidTable(f"{name}: {n}; at most {MOST_COLUMNS:,} are read")
    counts = Counter(header)
    repeated = [column for column in header if counts[column] > 1]
    if repeated:
        raise InvalidTable(
            f"{name}: row 1: two columns are named {repeated[0] or '(nothing)'}"
        )
    rows = {}
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise InvalidTable(
                f"{name}: row {reader.line_num}: {len(cells)} cells under "
                f"{len(header)} column names"
            )
        rows[reader.line_num] = [cell.strip() for cell in cells]
    if not rows:
        raise InvalidTable(f"{name}: no rows below the header")
    return header, rows


def _decoded(raw, name, most_bytes):
    if len(raw) > most_bytes:
        size = f"{most_bytes // 10**6} MB" if most_bytes >= 10**6 else None
        raise InvalidTable(f"{name}: larger than {size or f'{most_bytes // 1000} kB'}")
    if not raw.strip():
        raise InvalidTable(f"{name}: the file is empty")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = raw[: problem.start].count(b"\n") + 1
        column = raw[: problem.start].rpartition(b"\n")[2].count(b",") + 1
        raise InvalidTable(
            f"{name}: row {row}, cell {column}: not UTF-8 text; "
            "save the file as CSV UTF-8"
        ) from problem
    if "\0" in text:
        raise InvalidTable(f"{name}: not a text file; save it as CSV UTF-8")
    return text


def _numbers(path, item, cells, missing):
    absent = {"", "NA", "NaN", "nan", *map(str, missing)}
    answered = cells[~cells.isin(absent)]
    numbers = pd.to_numeric(answered, errors="coerce")
    words = answered[numbers.isna()]
    if len(words):
        raise InvalidTable(
            f"{path.name}: column {item}, row {words.index[0]}: "
            f"{words.iloc[0][:40]!r} is not a number"
        )
    fractions = answered[numbers % 1 != 0]
    if len(fractions):
        raise InvalidTable(
            f"{path.name}: column {item}, row {fractions.index[0]}: "
            f"{fractions.iloc[0][:40]} is not a whole number"
        )
    absent_codes = [float(code) for code in missing if _is_number(code)]
    return numbers.where(~numbers.isin(absent_codes)).reindex(cells.index).astype(float)


def _check_codes(path, codes, categories):
    if categories is not None:
        low, high = categories
        outside = ((codes < low) | (codes > high)).stack()
        if outside.any():
            row, item = outside.idxmax()
            code = f"{codes.loc[row, item]:g}"
            raise InvalidTable(
                f"{path.name}: column {item}, row {row}: {code} is outside "
                f"{low}-{high} (--missing {code} if it stands for no answer)"
            )
    if len(codes) < codes.shape[1]:
        raise InvalidTable(
            f"{path.name}: column {codes.columns[-1]}, row {codes.index[-1]} is the "
            f"last: {len(codes)} persons for "
            f"{codes.shape[1]} items; more persons than items are needed"
        )
    seen = {}
    for item in codes:
        answers = codes[item].dropna()
        if answers.nunique() < 2:
            said = "nobody answered it" if answers.empty else "everybody answered alike"
            where = codes.index[0] if answers.empty else answers.index[0]
            raise InvalidTable(
                f"{path.name}: column {item}, row {where} onwards: {said}; "
                "leave it out of --scales"
            )
        twin = seen.setdefault(codes[item].to_numpy().tobytes(), item)
        if twin != item:
            raise InvalidTable(
                f"{path.name}: column {item}, row {codes.index[0]} onwards: the same "
                f"answers as column {twin}; leave one out"
            )


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def _some(names):
    return ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
