"""Reads any file of rows and columns into one kind of table, without guessing."""

from collections import Counter
from pathlib import Path

from .apart import read_apart, read_here, read_workbook_apart
from .excel import read_excel
from .header_rows import IMPORT_ID, is_number, n_of_texts, place_of_header
from .raw_table import Column, InvalidTable, RawTable
from .text_files import read_text

MAX_BYTES = 200_000_000
MOST_COLUMNS = 10_000  # no study asks as much, and each is looked at by itself


def read_table(path, *, wanted=(), known=(), header_rows=None, keep_missing=False):
    """`parse_table` of a file; InvalidTable where there is none."""
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise InvalidTable(f"{path.name}: {problem.strerror.lower()}") from problem
    options = {"known": known, "header_rows": header_rows}
    options["keep_missing"] = keep_missing
    return parse_table(raw, path.name, wanted=wanted, **options)


def parse_table(
    raw,
    name,
    *,
    wanted=(),
    known=(),
    header_rows=None,
    keep_missing=False,
    most_bytes=MAX_BYTES,
    is_upload=False,
):
    """The table in the bytes of a file, which is called `name`.

    Parameters
    ----------
    wanted : collection of str
        Columns that must be there: the row that has them all is the row of names.
    known : collection of str
        Columns that may be there, by whole names where a format cuts them.
    header_rows : int, optional
        How many rows hold names and texts, where it is stated; else it is seen.
    keep_missing : bool
        Codes that the file declares as missing stay, for who has a codebook of them.
    is_upload : bool
        Sent to a page: fewer cells, and what is no text is read in a process of its
        own, which has no longer than somebody waits.

    Raises
    ------
    InvalidTable
        Too large, empty, damaged, no kind of table, ragged, or with two columns of
        one name.
    """
    if len(raw) > most_bytes:
        size = f"{most_bytes // 10**6} MB" if most_bytes >= 10**6 else None
        raise InvalidTable(f"{name}: larger than {size or f'{most_bytes // 1000} kB'}")
    if not raw.strip():
        raise InvalidTable(f"{name}: the file is empty")
    kind = kind_of(raw, name)
    if kind not in ("excel", "text"):
        read = read_apart if is_upload else read_here
        names = {*wanted, *known}
        parts = read(raw, name, kind, known=names, keep_missing=keep_missing)
        return _labelled(*parts, name, keep_missing)
    if kind == "excel":
        records, notes = (read_workbook_apart if is_upload else read_excel)(raw, name)
    else:
        records, notes = read_text(raw, name)
    return _with_header(records, notes, name, wanted, header_rows)


def kind_of(raw, name):
    """What kind of file it is by its first bytes; what is none of the others is text.

    One of "excel", ".sav" (SPSS), ".dta" (Stata), "parquet" and "text".
    """
    if raw[:4] in (b"$FL2", b"$FL3"):
        return ".sav"
    if raw[:11] == b"<stata_dta>" or Path(name).suffix.lower() == ".dta":
        return ".dta"
    return {b"PAR1": "parquet", b"PK\x03\x04": "excel"}.get(raw[:4], "text")


def _labelled(header, rows, columns, name, keep_missing):
    _check_number(header, name)
    _check_header(header, 1, name)
    if not rows:
        raise InvalidTable(f"{name}: no rows of answers")
    said = {n: c for n, c in columns.items() if c.text or c.labels or c.missing}
    notes = () if keep_missing else _declared(said)
    return RawTable(name, tuple(header), rows, said, tuple(notes))


def _declared(columns):
    """Codes that the file itself says are no answers."""
    codes = Counter(code for column in columns.values() for code in column.missing)
    if codes:
        yield "read as missing, as the file declares: " + ", ".join(codes)


def _with_header(records, notes, name, wanted, header_rows):
    place = place_of_header(records, wanted)
    row, header = records[place]
    records = records[place + 1 :]
    _check_number(header, name)
    _check_widths(header, records, name)
    header, records = _without_empty_columns(header, records)
    _check_header(header, row, name)
    if header_rows is None:
        n_texts = n_of_texts([cells for _, cells in records[:250]]) if records else 0
    else:
        n_texts = sum(number <= header_rows for number, _ in records)
    texts, answers = records[:n_texts], dict(records[n_texts:])
    if not answers:
        raise InvalidTable(f"{name}: no rows below the header")
    if place:
        notes = [*notes, f"the column names are in row {row}"]
    if texts:
        numbers = " and ".join(str(number) for number, _ in texts)
        are = f"rows {numbers} hold" if len(texts) > 1 else f"row {numbers} holds"
        notes = [*notes, f"{are} texts of questions, not answers"]
    return RawTable(name, tuple(header), answers, _texts(header, texts), tuple(notes))


def _without_empty_columns(header, records):
    """Leave out columns with neither a name nor anything in them.

    A column without a name, such as that of row numbers, gets one by its place.
    """
    has_any = [any(cells[p] for _, cells in records) for p in range(len(header))]
    kept = [p for p, name in enumerate(header) if name or has_any[p]]
    names = [header[p] or f"(column {p + 1})" for p in kept]
    return names, [(row, [cells[p] for p in kept]) for row, cells in records]


def _check_number(header, name):
    if len(header) > MOST_COLUMNS:
        raise InvalidTable(
            f"{name}: this file has {len(header):,} columns; "
            f"at most {MOST_COLUMNS:,} are read"
        )


def _check_header(header, row, name):
    counts = Counter(header)
    repeated = [column for column in header if counts[column] > 1]
    if repeated and all(map(is_number, header)):
        raise InvalidTable(
            f"{name}: row {row} holds numbers, not names; put a row of column names "
            "above the answers"
        )
    if repeated:
        raise InvalidTable(f"{name}: row {row}: two columns are named {repeated[0]}")


def _check_widths(header, records, name):
    """Each row has a cell for each name, and perhaps empty ones after them."""
    width = len(header)
    for row, cells in records:
        if len(cells) < width or any(cells[width:]):
            raise InvalidTable(
                f"{name}: row {row}: {len(cells)} cells under {width} column names"
            )


def _texts(header, texts):
    if not texts or any(IMPORT_ID.match(cell) for cell in texts[0][1]):
        return {}
    return {
        column: Column(text=cell)
        for column, cell in zip(header, texts[0][1])
        if cell and cell != column
    }
