"""Workbooks and files of statistics programs that strangers send, read by a process.

The libraries that read them are written in C and C++, so a file made to break them may
do so, and of a workbook a small file may be long work: what breaks or ends then is a
process without the application's settings and keys, with little memory and time, whose
answer is checked as text is.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile

from ..file_limits import SECONDS
from .excel import MOST_CELLS_SENT, first_row, read_excel
from .raw_table import Column, InvalidTable

MEMORY = 2 * 10**9  # bytes of addresses, of which the libraries take a fifth
WAIT = SECONDS  # by the clock, as somebody waits for the page
CPU_SECONDS = 30  # of the processor
ON_DISK = 10**8  # bytes of one file that the process may write
MOST_SAID = 32 * 10**6  # bytes of its answer: 20 000 people with 200 answers
KINDS = {
    "excel": "an Excel workbook",
    ".sav": "an SPSS file",
    ".dta": "a Stata file",
    "parquet": "a Parquet file",
}


def read_apart(raw, name, kind, *, known=(), keep_missing=False):
    """(Header, {row: cells}, {name: Column}) as `read_here`, by another process.

    Raises InvalidTable, also where the process breaks or takes too much.
    """
    about = {"name": name, "kind": kind, "known": [*known], "keep": keep_missing}
    return _told(raw, about, checked)


def read_workbook_apart(raw, name):
    """(Records, notes) as `read_excel`, by another process, as `read_apart`."""
    return _told(raw, {"name": name, "kind": "excel"}, checked_records)


def read_header_apart(raw, name):
    """The cells of a workbook's first row as `first_row`, by another process."""
    about = {"name": name, "kind": "excel", "is_header": True}
    return _told(raw, about, lambda said: [str(cell) for cell in said["header"]])


def _told(raw, about, check):
    """What a process says of a file, once it was checked."""
    file = f"{about['name']}: {KINDS[about['kind']]} that"
    damaged = InvalidTable(f"{file} cannot be read; save it as CSV UTF-8")
    slow = InvalidTable(
        f"{file} takes longer to read than {WAIT:g} seconds; save it as CSV UTF-8, or "
        "try again where many are at work"
    )
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as told:
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "surveyapp.table_files.apart"],
                input=json.dumps(about).encode() + b"\n" + raw,
                stdout=told,  # no pipe, which would hold in memory whatever comes
                stderr=subprocess.DEVNULL,
                env=environment(folder),
                timeout=WAIT,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as problem:
            raise slow from problem
        told.seek(0)
        answered = told.read(MOST_SAID + 1)
    if ended.returncode == -signal.SIGXCPU:
        raise slow
    if ended.returncode or len(answered) > MOST_SAID:
        raise damaged
    try:
        said = json.loads(answered)
        if "refused" in said:
            raise InvalidTable(**{part: str(said["refused"][part]) for part in PARTS})
        return check(said)
    except UNEXPECTED as problem:
        raise damaged from problem


def read_here(raw, name, kind, *, known=(), keep_missing=False):
    """(Header, {row: cells}, {name: Column}) of an SPSS, Stata or Parquet file."""
    from .labelled_files import read_labelled
    from .parquet import read_parquet

    if kind == "parquet":
        return read_parquet(raw, name, keep_missing=keep_missing)
    return read_labelled(raw, name, kind, known=known, keep_missing=keep_missing)


PARTS = ("says", "command", "page")  # of InvalidTable
# What comes of an answer that is no table: a process that was taken over may say it.
UNEXPECTED = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


def environment(folder):
    """What the process is told: where code is, and where to put a file; no keys."""
    one = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "ARROW")}
    path = os.pathsep.join(filter(None, sys.path))
    return {"PYTHONPATH": path, "TMPDIR": folder, "LANG": "C.UTF-8", **one}


def checked(said):
    """The answer, if it is a table of text."""
    header = [str(name) for name in said["header"]]
    rows = {int(row): [str(cell) for cell in cells] for row, cells in said["rows"]}
    if any(len(cells) != len(header) for cells in rows.values()):
        raise ValueError("a row of another length")
    columns = {
        str(name): Column(
            str(text),
            {str(code): str(label) for code, label in labels.items()},
            tuple(map(str, missing)),
        )
        for name, text, labels, missing in said["columns"]
    }
    return header, rows, columns


def checked_records(said):
    """The answer, if it is rows of text and sentences about them."""
    records = [(int(row), [str(cell) for cell in cells]) for row, cells in said["rows"]]
    return records, [str(note) for note in said["notes"]]


def answer(raw, about):
    """What is said to the process that asked, as JSON."""
    said = json.dumps(_answer(raw, about))
    if len(said) <= MOST_SAID:
        return said
    too_much = f"{about['name']}: unpacks to more than {MOST_SAID / 10**6:,.0f} MB"
    return json.dumps({"refused": refusal(InvalidTable(too_much))})


def _answer(raw, about):
    try:
        if about.get("is_header"):
            return {"header": first_row(raw, about["name"])}
        if about["kind"] == "excel":
            records, notes = read_excel(raw, about["name"], MOST_CELLS_SENT)
            return {"rows": records, "notes": notes}
        return _labelled(raw, about)
    except InvalidTable as problem:
        return {"refused": refusal(problem)}


def _labelled(raw, about):
    options = {"known": about["known"], "keep_missing": about["keep"]}
    header, rows, columns = read_here(raw, about["name"], about["kind"], **options)
    if len(header) * len(rows) > MOST_CELLS_SENT:
        raise InvalidTable(f"{about['name']}: more than {MOST_CELLS_SENT:,} cells")
    return {
        "header": header,
        "rows": list(rows.items()),
        "columns": [[n, c.text, c.labels, c.missing] for n, c in columns.items()],
    }


def refusal(problem):
    return {part: getattr(problem, part) for part in PARTS}


def _limit():
    """Let this process take no more than a file that is sent can need."""
    import resource

    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, ON_DISK),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # The first ends it with a signal of its own, by which the end is known.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))


def main():
    """Read the file on standard input and answer on standard output."""
    _limit()
    about = json.loads(sys.stdin.buffer.readline())
    raw = sys.stdin.buffer.read()
    sys.stdout.buffer.write(answer(raw, about).encode())
    sys.stdout.buffer.flush()
    os._exit(0)  # what ends threads of the libraries may break, and all is answered


if __name__ == "__main__":
    main()
