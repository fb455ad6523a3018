"""Reads delimited text, row by row, as people's programs write it.

UTF-8, UTF-16 or Windows-1252; cells apart by comma, semicolon, tab or bar. Time grows
with the file and memory does not: a file is seen a piece at a time.
"""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from itertools import chain, islice

from .file_limits import FileRefused
from .table_files.apart import KINDS
from .table_files.as_text import as_csv
from .table_files.header_rows import MOST_ABOVE, n_of_texts, place_of_header
from .table_files.raw_table import InvalidTable
from .table_files.reading import kind_of

PIECE = 2**16  # bytes
LONGEST_LINE = 10**6  # letters; before a line is known to be a row of cells
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
NAMED = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)  # Excel's own line
LOOKED_AT = 50  # rows, to tell texts of questions from answers
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    **KINDS,
}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .ods, and .xls begin
NO_TEXT = "this is no text file; save it as CSV"


@dataclass(frozen=True)
class Form:
    """How a file is written."""

    encoding: str
    delimiter: str

    @property
    def words(self):
        if self.encoding in KINDS:
            return KINDS[self.encoding]
        return f"{NAMES[self.encoding]}, cells apart by {DELIMITERS[self.delimiter]}"


def opened(file, name, *, limit, known=(), is_upload=False):
    """(A binary file of text, how it is written), of a file of any kind.

    Workbooks and files of statistics programs are turned into text as a whole, so
    less is taken of them: `limit`. FileRefused where a file is none that is read.
    """
    first = file.read(12)
    file.seek(0)
    kind = kind_of(first, name)
    if kind == "text":
        return file, encoding_of(file)
    raw = file.read(limit.n_bytes + 1)
    if len(raw) > limit.n_bytes:
        raise FileRefused(
            f"this is {KINDS[kind]} of more than {limit.size}, the most to be read; "
            "save it as CSV"
        )
    try:
        text = as_csv(raw, name, known=known, is_upload=is_upload)
    except InvalidTable as problem:
        says = problem.on_page if is_upload else str(problem)
        raise FileRefused(says) from problem
    return io.BytesIO(text), kind


def encoding_of(file):
    """The encoding of a binary file; FileRefused where it is none of ours.

    What is not UTF-8 as a whole is taken for Windows-1252, which a spreadsheet
    writes as plain CSV.
    """
    first = file.read(4096)
    file.seek(0)
    if first.startswith(WORKBOOKS):
        raise FileRefused("this is a workbook; save its sheet as CSV")
    for mark, name in MARKS.items():
        if first.startswith(mark):
            return _checked(file, name)
    if b"\0" in first:
        return _checked(file, _utf_16_of(first))
    try:
        return _checked(file, "utf-8-sig")
    except FileRefused:
        return _checked(file, "cp1252")


def _utf_16_of(first):
    """Which UTF-16 bytes are without a mark: every other one is zero in our letters."""
    even, odd = first[::2].count(0), first[1::2].count(0)
    if len(first) % 2 or 3 * max(even, odd) < len(first):
        raise FileRefused(NO_TEXT)
    return "utf-16-le" if odd > even else "utf-16-be"


def _checked(file, encoding):
    """The encoding, if all of the file is text in it; the file is at its start."""
    line = 1
    try:
        for piece in pieces(file, encoding):
            if "\0" in piece:
                raise FileRefused(NO_TEXT)
            line += piece.count("\n")
    except UnicodeDecodeError as problem:
        line += problem.object[: problem.start].count(b"\n")
        raise FileRefused(
            f"row {line} is no text in {NAMES[encoding]}; save the file as CSV UTF-8"
        ) from problem
    file.seek(0)
    return encoding


def pieces(file, encoding):
    """The text of a binary file, a piece at a time; `encoding` as of `opened`."""
    file.seek(0)
    coding = "utf-8" if encoding in KINDS else encoding
    decoder = codecs.getincrementaldecoder(coding)()
    while raw := file.read(PIECE):
        yield decoder.decode(raw)
    yield decoder.decode(b"", final=True)


def lines(pieces_):
    """The lines of a text that comes in pieces, each with its end as `\\n`.

    Refuses a line that has no end within a million letters.
    """
    ends, begun, n = io.IncrementalNewlineDecoder(None, translate=True), "", 0
    for piece in pieces_:
        *whole, begun = (begun + ends.decode(piece)).split("\n")
        for line in whole:
            n += 1
            yield _of_length(line, n) + "\n"
        _of_length(begun, n + 1)
    if begun:
        yield begun


def _of_length(line, n):
    if len(line) > LONGEST_LINE:
        raise FileRefused(f"row {n} has more than {LONGEST_LINE:,} letters")
    return line


class Rows:
    """The rows of a text that comes in pieces: (line, cells), one after another.

    `header` is the first of them, or of the first ten the one with all names that are
    `wanted`; `texts` are the rows below it that hold texts or ids of the questions,
    as survey services write them. `delimiter` stands most often in the header, or is
    named before it, as `sep=;`. Cells come without blanks around them, and rows
    without cells do not come. Raises FileRefused without a header, where quotes are
    torn, and beyond the limit.
    """

    def __init__(self, pieces_, limit, wanted=()):
        self.limit, self._n_before = limit, 0
        source = lines(pieces_)
        self.delimiter, first = self._begin(source, {*wanted})
        self._reader = csv.reader(
            chain(first, source), delimiter=self.delimiter, strict=True
        )
        self.texts, self._ahead = (), []
        self.header = self._next()
        limit.check_columns(len(self.header))
        if wanted:
            self._find_header({*wanted})

    def _find_header(self, wanted):
        """Of the first rows, which has the names, and which hold texts below it."""
        ahead = [(self.line, self.header), *islice(self._records(), LOOKED_AT)]
        place = place_of_header(ahead, wanted)
        self.header, below = ahead[place][1], ahead[place + 1 :]
        self.limit.check_columns(len(self.header))
        n_texts = self._n_of_texts([cells for _, cells in below], wanted)
        self.texts = tuple(line for line, _ in below[:n_texts])
        self._ahead = below[n_texts:]

    def _n_of_texts(self, rows, wanted):
        """Rows as long as the header, none of which repeats what answers hold."""
        width = len(self.header)
        whole = [cells for cells in rows if len(cells) == width]
        if whole != rows or not wanted <= {*self.header}:
            return 0
        n = n_of_texts(rows) if rows else 0
        places = [self.header.index(name) for name in wanted]
        said = {(p, cells[p]) for cells in rows[n:] for p in places}
        return 0 if said & {(p, c[p]) for c in rows[:n] for p in places} else n

    def _begin(self, source, wanted):
        """The delimiter and the first lines; empty ones before them are counted."""
        named = None
        for line in source:
            if (said := NAMED.fullmatch(line)) and named is None:
                named = said[1]
            elif line.strip():
                first = [line, *islice(source, MOST_ABOVE if wanted else 0)]
                return named or _delimiter(first, wanted), first
            self._n_before += 1
        raise FileRefused("the file is empty")

    def _next(self):
        try:
            return [cell.strip() for cell in next(self._reader)]
        except csv.Error as problem:
            raise FileRefused(f"row {self.line}: {problem}") from problem

    @property
    def line(self):
        """The line of the file that was read last."""
        return self._n_before + self._reader.line_num

    def __iter__(self):
        n = 0
        for line, cells in chain(self._ahead, self._records()):
            n += 1
            if self.limit.n_rows and n > self.limit.n_rows:
                raise FileRefused(
                    f"there are more than {self.limit.n_rows:,} rows; make two files"
                )
            yield line, cells

    def _records(self):
        """The rows with anything in them, from where the reader is."""
        while True:
            try:
                cells = self._next()
            except StopIteration:
                return
            if any(cells):
                yield self.line, cells


def _delimiter(first, wanted):
    """What makes a line into the names that are wanted, else most of the first."""
    for line in first if wanted else ():
        for delimiter in DELIMITERS:
            if wanted <= {name.strip().strip('"') for name in line.split(delimiter)}:
                return delimiter
    return max(DELIMITERS, key=first[0].count)
