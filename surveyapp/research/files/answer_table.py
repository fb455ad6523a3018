"""A file of answers as numbers, or the line that says where it cannot be used."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ...plurals import counted
from ...table_files import across_rows
from ...table_files.header_rows import is_nothing
from ...table_files.raw_table import InvalidTable
from ...table_files.reading import read_table
from .answer_words import numbers_for
from .unstated_codes import amounts_beside, codes_beside, unstated

MOST = 1e9  # no code of an answer has as many digits


@dataclass(frozen=True, eq=False)
class AnswerTable:
    """The items' codes as numbers, and the other columns as they came.

    `stated` holds the codes as they came, where a codebook says what those beyond
    the categories count as; `notes` says what was read otherwise than it stands.
    """

    path: Path
    items: pd.DataFrame
    others: pd.DataFrame
    stated: pd.DataFrame | None = None
    codebook: object = None
    notes: tuple = ()

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
    path,
    items,
    *,
    scales=None,
    categories=None,
    missing=(),
    labels=(),
    groups=None,
    codebook=None,
    header_rows=None,
    dead_items=False,
    occasions=None,
):
    """Read one file with a row of names; rows of the result are the file's rows.

    Parameters
    ----------
    items : sequence of str
        The columns that hold answers.
    scales : sequence of sequence of str, optional
        Items that share their options; all of them do unless this is given.
    categories : (int, int), optional
        Lowest and highest code; anything else is refused. Unless it or a codebook
        is there, codes that leave a hole beside the others are refused.
    missing : sequence of str
        Codes or words that stand for no answer, beside the empty cell.
    labels : sequence of dict
        Codes of the words that stand for answers; see `parse_labels`.
    groups : str, optional
        A further column that must be there.
    codebook : Codebook, optional
        Says what codes beyond the categories count as.
    header_rows : int, optional
        How many rows hold names and texts; seen from the file unless it is stated.
    dead_items : bool
        Take items that nobody answered, that all answered alike or that copy another:
        for those who look for such items.
    occasions : psychometrics.report.Occasions, optional
        Which columns name the person and the time; as an export's unless it is given.

    Raises
    ------
    InvalidTable
        Empty or damaged file, ragged rows, repeated or absent columns, words or
        out-of-range codes, an item everybody answered alike, two items with the same
        answers, or fewer persons than items.
    """
    path = Path(path)
    wanted = [*items, *([groups] if groups else [])]
    raw = read_table(
        path,
        wanted=wanted,
        known=codebook.columns if codebook is not None else (),
        header_rows=header_rows,
        keep_missing=codebook is not None,
    )
    options = {"categories": categories, "missing": missing, "labels": labels}
    _check_columns(path, wanted, raw.header)
    options |= {"codebook": codebook, "dead_items": dead_items}
    options["occasions"] = occasions
    return answers_of(raw, items, path=path, scales=scales, **options)


def answers_of(
    raw,
    items,
    *,
    path,
    scales=None,
    categories=None,
    missing=(),
    labels=(),
    codebook=None,
    dead_items=False,
    occasions=None,
):
    """The answers in a raw table, as `read_answers` says of one in a file."""
    _check_columns(path, items, raw.header)
    frame = pd.DataFrame.from_dict(raw.rows, orient="index", columns=list(raw.header))
    cells = _numbers_for_words(path, frame[list(items)], missing, labels)
    codes = pd.DataFrame({i: _numbers(path, i, cells[i], missing) for i in items})
    _check_persons(path, codes)
    stated = codes
    if codebook is not None:
        codes = codebook.apply(codes)
    elif categories is None:
        known = {code for one in labels for code in one.values()}
        _check_holes(path, codes, scales or [list(items)], raw.columns, known)
    if categories is not None:
        _check_range(path, codes, *categories)
    if not dead_items:
        _check_items(path, codes)
    others = frame.drop(columns=list(items))
    others = others.mask(others.map(is_nothing), pd.NA)
    if codebook is not None:
        others = codebook.known(others)
    notes = (*raw.notes, *_across_rows(others, occasions))
    return AnswerTable(path, codes, others, stated, codebook, notes)


def _across_rows(others, occasions):
    """What the rows show together; the times are in the order that is stated."""
    columns = {name: rows.fillna("").to_dict() for name, rows in others.items()}
    if occasions is None:
        return across_rows.notes(columns)
    order = (occasions.baseline, occasions.retest, occasions.follow_up)
    return across_rows.notes(
        columns, person=occasions.person, wave=occasions.column, order=order
    )


def read_cells(path, wanted=()):
    """One file as it came: cells of text, the file's rows as rows."""
    raw = read_table(Path(path), wanted=wanted)
    return pd.DataFrame.from_dict(raw.rows, orient="index", columns=list(raw.header))


def read_header(path):
    """The column names of one file."""
    return list(read_table(path).header)


def _check_columns(path, wanted, frame):
    for column in wanted:
        if column not in frame:
            raise InvalidTable(
                f"{path.name}: no column {column}; the header has {_some(list(frame))}"
            )


def _numbers_for_words(path, frame, missing, labels):
    """The cells with codes in place of words."""
    absent = {*map(str, missing)}
    cells = frame.where(~(frame.map(is_nothing) | frame.isin(absent)), "")
    words = {}
    for item in cells:
        numbers = pd.to_numeric(_decimal_points(cells[item]), errors="coerce")
        is_word = (cells[item] != "") & numbers.isna()
        if is_word.any():
            words[item] = cells.loc[is_word, item]
    for item, codes in numbers_for(words, labels, path.name).items():
        cells.loc[codes.index, item] = codes.astype(str)
    return cells


def _decimal_points(cells):
    """Numbers with a decimal comma, as half of Europe writes them, with a point."""
    if not any("," in cell for cell in cells):
        return cells
    return cells.str.replace(r"^([+-]?\d+),(\d+)$", r"\1.\2", regex=True)


def _numbers(path, item, cells, missing):
    answered = cells[cells != ""]
    numbers = pd.to_numeric(_decimal_points(answered))
    absent_codes = [float(code) for code in missing if _is_number(code)]
    odd = answered[
        ~numbers.isin(absent_codes) & ((numbers % 1 != 0) | (numbers.abs() >= MOST))
    ]
    if len(odd):
        code = odd.iloc[0][:40]
        raise InvalidTable(
            f"{path.name}: column {item}, row {odd.index[0]}: {code} is not a "
            "whole number such as answers have",
            command=f"--missing {code} if it stands for no answer",
            page=f"name {code} as missing in the plan if it stands for no answer",
        )
    return numbers.where(~numbers.isin(absent_codes)).reindex(cells.index).astype(float)


def _check_holes(path, codes, scales, columns, known):
    labels = {}
    for item in codes:
        if item in columns:
            labels |= columns[item].labels
    if amounts := amounts_beside(path.name, codes, scales):
        raise amounts
    beside = codes_beside(codes, scales, labels, known)
    if beside:
        raise unstated(path.name, beside)


def _check_persons(path, codes):
    if len(codes) < codes.shape[1]:
        raise InvalidTable(
            f"{path.name}: column {codes.columns[-1]}, row {codes.index[-1]} is the "
            f"last: {counted(len(codes), 'person')} for "
            f"{counted(codes.shape[1], 'item')}; at least "
            f"{counted(codes.shape[1], 'person')} are needed"
        )


def _check_items(path, codes):
    seen = {}
    for item in codes:
        answers = codes[item].dropna()
        if answers.nunique() < 2:
            said = "nobody answered it" if answers.empty else "everybody answered alike"
            where = codes.index[0] if answers.empty else answers.index[0]
            raise InvalidTable(
                f"{path.name}: column {item}, row {where} onwards: {said}",
                command="leave it out of --scales",
                page="leave it out of the scales",
            )
        twin = seen.setdefault(codes[item].to_numpy().tobytes(), item)
        if twin != item:
            raise InvalidTable(
                f"{path.name}: column {item}, row {codes.index[0]} onwards: the same "
                f"answers as column {twin}; leave one out"
            )


def _check_range(path, codes, low, high):
    outside = ((codes < low) | (codes > high)).stack()
    if outside.any():
        row, item = outside.idxmax()
        code = f"{codes.loc[row, item]:g}"
        raise InvalidTable(
            f"{path.name}: column {item}, row {row}: {code} is outside {low}-{high}",
            command=f"--missing {code} if it stands for no answer",
            page=f"name {code} as missing in the plan if it stands for no answer",
        )


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def _some(names):
    return ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
