"""Reads a file of earlier answers and names every problem by row and column."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from ..assessments.codes import NO_PLAN, NOT_ASKED
from ..csv_cells import FORMULA
from ..errors import SurveyError
from ..wording import counted
from .import_cells import CHECKS, COLUMN_OF, LONGEST_CELL
from .import_columns import ABOUT, forms_of, item_columns, question_columns
from .import_orders import arrangement_of

MOST_ROWS = 100_000
MOST_COLUMNS = 1_000  # three perspectives of the longest forms ask 250 questions


class InvalidImport(SurveyError):
    """A file that cannot be read as earlier answers; nothing was written."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell; `row` is the line of the file."""

    row: int
    column: str
    says: str


@dataclass(frozen=True)
class Row:
    """One earlier assessment; `replies` is item id -> (version, value, reason)."""

    line: int
    person: str
    perspective: str
    wave: int
    team_id: int
    at: datetime
    mode: str
    assisted_by: str | None
    language: str
    care_plan: str | None
    is_synthetic: bool
    arrangement: str | None
    replies: dict
    background: dict


@dataclass
class Table:
    """Rows that are well, every problem of the others, and what was not used."""

    rows: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    unused: list = field(default_factory=list)
    absent: list = field(default_factory=list)
    n_rows: int = 0

    @property
    def n_bad(self):
        return self.n_rows - len(self.rows)


def decoded(raw):
    """The text of an uploaded file; InvalidImport where it is no UTF-8 CSV."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise InvalidImport(
            f"row {line} is not UTF-8 text; save the file as CSV UTF-8"
        ) from problem
    if not text.strip():
        raise InvalidImport("the file is empty")
    if "\0" in text:
        raise InvalidImport("this is no CSV file; save it as CSV UTF-8")
    return text


def read_table(text, campaign, *, today, team_id=None):
    """Check every cell against what the campaign asks; the good rows and the problems.

    `team_id` is the team of every row, where the file's own column is not to be
    read. Raises InvalidImport where there is no table to speak of.
    """
    reader = _reader(text)
    forms = forms_of(campaign)
    header = _header(next(reader), forms)
    checker = _Checker(campaign, forms, header, today, team_id)
    known = {*ABOUT, *item_columns(forms), *question_columns(forms)}
    table = Table(unused=[name for name in header if name not in known])
    seen = {}
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _take(table, checker, seen, reader.line_num, cells)
    except csv.Error as problem:
        raise InvalidImport(f"row {reader.line_num}: {problem}") from problem
    if not table.n_rows:
        raise InvalidImport("there is no row below the header")
    asked = {p: forms[p] for p in {row.perspective for row in table.rows}}
    table.absent = [item for item in item_columns(asked) if item not in header]
    return table


def _reader(text):
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _header(cells, forms):
    header = [cell.strip() for cell in cells]
    if len(header) > MOST_COLUMNS:
        n = f"this file has {len(header):,} columns"
        raise InvalidImport(f"{n}; at most {MOST_COLUMNS:,} are read")
    counts = Counter(header)
    repeated = [name for name in header if name and counts[name] > 1]
    if repeated:
        raise InvalidImport(f"two columns are named {repeated[0]}")
    needed = [name for name, (is_needed, _) in ABOUT.items() if is_needed]
    absent = [name for name in needed if name not in header]
    if not {"date", "quarter"} & set(header):
        absent.append("date")
    if absent:
        raise InvalidImport(f"there is no column {', '.join(absent)}")
    if not set(header) & set(item_columns(forms)):
        raise InvalidImport("no column has the name of an item of this campaign")
    return header


def _take(table, checker, seen, line, cells):
    table.n_rows += 1
    if table.n_rows > MOST_ROWS:
        raise InvalidImport(f"there are more than {MOST_ROWS:,} rows; make two files")
    row, problems = checker.check(line, cells)
    if row is not None and row.person:
        key = (row.person, row.perspective, row.wave)
        if key in seen:
            says = f"this person, perspective and wave stand in row {seen[key]} too"
            row, problems = None, [Problem(line, "person", says)]
        seen.setdefault(key, line)
    table.problems += problems
    if row is not None:
        table.rows.append(row)


class _Checker:
    """What the cells of a row are held against, prepared once for all rows."""

    def __init__(self, campaign, forms, header, today, team_id):
        self.forms, self.header, self.today = forms, header, today
        self.team_id = team_id
        self.teams = {}
        for team in campaign.teams:
            self.teams[str(team.id)] = self.teams[team.name.casefold()] = team.id
        if team_id is None and campaign.only_team and "team" not in header:
            self.team_id = campaign.teams[0].id
        items = set(item_columns(forms))
        self.item_places = [(n, x) for n, x in enumerate(header) if x in items]
        asked = set(question_columns(forms))
        self.question_places = [(n, x) for n, x in enumerate(header) if x in asked]
        self.about_places = {x: n for n, x in enumerate(header) if x in ABOUT}

    def check(self, line, cells):
        """The row, or None and its problems."""
        if len(cells) != len(self.header):
            names = counted(len(self.header), "column name")
            says = f"{counted(len(cells), 'cell')} under {names}"
            return None, [Problem(line, "", says)]
        cells = [cell.strip() for cell in cells]
        problems = [*self._unsafe(line, cells)]
        about = {name: cells[place] for name, place in self.about_places.items()}
        known = {}
        for name, check in CHECKS.items():
            try:
                known[name] = check(self, about)
            except ValueError as problem:
                column = COLUMN_OF.get(name, name)
                problems.append(Problem(line, column, str(problem)))
        form = self.forms.get(known.get("perspective"))
        if form is None:
            return None, problems
        answers = self._items(line, cells, form, about, problems)
        background = self._questions(line, cells, form, problems)
        not_asked = {i for i, text in answers.items() if text == str(NOT_ASKED)}
        try:
            known["arrangement"] = arrangement_of(form.instrument, about, not_asked)
        except ValueError as problem:
            problems.append(Problem(line, "booklet", str(problem)))
        replies = self._replies(form, answers)
        if not problems and not replies and known["care_plan"] != "no":
            problems.append(Problem(line, "", "no item is answered in this row"))
        if problems:
            return None, problems
        return Row(line=line, replies=replies, background=background, **known), []

    def _unsafe(self, line, cells):
        for name, cell in zip(self.header, cells):
            if cell.startswith(FORMULA):
                yield Problem(line, name, "a spreadsheet would run this as a formula")

    def _items(self, line, cells, form, about, problems):
        """Item -> the text of its cell, for those with something in it."""
        given = {}
        for place, item in self.item_places:
            text = cells[place]
            if not text:
                continue
            if item not in form.cells:
                says = "this item is not asked from this perspective"
                problems.append(Problem(line, item, says))
            elif text not in form.cells[item]:
                problems.append(
                    Problem(line, item, f"{text[:40]!r} is not a code here")
                )
            elif text == str(NO_PLAN) and about.get("care_plan") != "no":
                says = "96 says that there is no care plan, and care_plan does not"
                problems.append(Problem(line, item, says))
            else:
                given[item] = text
        return given

    def _replies(self, form, answers):
        versions = {item.id: item.version for item in form.instrument.items}
        replies = {}
        for item, text in answers.items():
            value, reason = form.cells[item][text]
            if value is not None or reason is not None:
                replies[item] = (versions[item], value, reason)
        return replies

    def _questions(self, line, cells, form, problems):
        given = {}
        for place, name in self.question_places:
            if not cells[place]:
                continue
            question = form.questions.get(name)
            said = cells[place].split(";")
            if question is None:
                says = "this question is not asked from this perspective"
                problems.append(Problem(line, name, says))
            elif question.options and not set(said) <= set(question.options):
                says = f"{cells[place][:40]!r} is not a code here"
                problems.append(Problem(line, name, says))
            elif len(cells[place]) > LONGEST_CELL:
                problems.append(Problem(line, name, "this is too long"))
            else:
                given[name] = (question.version, cells[place])
        return given
