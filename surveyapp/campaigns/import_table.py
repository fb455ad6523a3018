"""Reads a file of earlier answers and names every problem by row and column."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import islice

from ..assessments.codes import NO_PLAN, NONE_WANTED, NOT_ASKED
from ..csv_cells import FORMULA, Problem
from ..delimited import Form, Rows
from ..file_limits import EARLIER_ANSWERS, FileRefused
from ..table_files.across_rows import Waves, identifier_notes, orphans_say
from ..table_files.header_rows import is_nothing
from ..wording import counted
from .import_cells import CHECKS, COLUMN_OF, LONGEST_CELL
from .import_columns import ABOUT, forms_of, item_columns, question_columns
from .import_orders import arrangement_of

NEEDED = tuple(name for name, (is_needed, _) in ABOUT.items() if is_needed)
LONGEST_SHOWN = 40  # letters of a person's name in the file


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
    wants_plan: str | None
    is_synthetic: bool
    arrangement: str | None
    replies: dict
    background: dict


class Reader:
    """The rows of a text that comes in pieces, held against what a campaign asks.

    `today` is the last day that an answer can be of; `team_id` the team of every
    row, where the file's own column is not to be read. Raises FileRefused where
    there is no table to speak of, here or on the way. `notes`, once all was read, has
    sentences on what several rows show together.
    """

    def __init__(self, pieces, campaign, *, today, team_id=None, encoding="utf-8-sig"):
        self._rows = Rows(pieces, EARLIER_ANSWERS, wanted=NEEDED)
        self.header = self._rows.header
        self.form = Form(encoding, self._rows.delimiter)
        self._forms = forms_of(campaign)
        _check_header(self.header, self._forms)
        self._checker = _Checker(campaign, self._forms, self.header, today, team_id)
        known = {*ABOUT, *item_columns(self._forms), *question_columns(self._forms)}
        self.unused = [name for name in self.header if name not in known]
        self.notes = []

    def __iter__(self):
        """Each row with its problems, or None in its place; FileRefused without any."""
        waves, people, line = Waves(), {}, None
        for line, cells in self._rows:
            cells = ["" if is_nothing(cell) else cell for cell in cells]
            row, problems = self._checker.check(line, cells)
            if row is not None and row.person:
                people[line] = row.person[:LONGEST_SHOWN]
                if problem := _beside_others(row, waves):
                    row, problems = None, [problem]
            yield row, problems
        if line is None:
            raise FileRefused("there is no row below the header")
        self.notes = [*self._notes(waves, people)]

    def _notes(self, waves, people):
        if texts := self._rows.texts:
            rows = ", ".join(map(str, texts))
            yield f"texts of questions, not answers, in {_rows_named(texts)} {rows}"
        yield from identifier_notes("person", people)
        if orphans := waves.orphans():
            yield orphans_say(len(orphans), orphans)

    def in_batches(self, n=500):
        """The same in lists of so many."""
        rows = iter(self)
        while some := [*islice(rows, n)]:
            yield some

    def absent(self, perspectives):
        """The items of these perspectives that have no column."""
        asked = {p: form for p, form in self._forms.items() if p in perspectives}
        here = set(self.header)
        return [item for item in item_columns(asked) if item not in here]


def _rows_named(rows):
    return "row" if len(rows) == 1 else "rows"


def _beside_others(row, waves):
    """What is wrong with a row beside those before it, or None."""
    who = _digest(row)
    if first := waves.row_of(who, row.wave):
        says = f"this person, perspective and wave stand in row {first} too"
        return Problem(row.line, "person", says)
    if says := waves.add(who, row.wave, row.at.date(), row.line):
        return Problem(row.line, "date", says)
    return None


def _digest(row):
    """Twelve bytes for who answered from where: few, of many rows."""
    who = f"{row.perspective}:{row.person}"
    return blake2b(who.encode(), digest_size=12).digest()


def _check_header(header, forms):
    counts, here = Counter(header), set(header)
    repeated = [name for name in header if name and counts[name] > 1]
    if repeated:
        raise FileRefused(f"two columns are named {repeated[0][:40]}")
    absent = [name for name in NEEDED if name not in here]
    if not {"date", "quarter"} & here:
        absent.append("date")
    if absent:
        raise FileRefused(f"there is no column {', '.join(absent)}")
    if not here.intersection(item_columns(forms)):
        raise FileRefused("no column has the name of an item of this campaign")


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
        is_settled = (
            form.instrument.gate
            and form.instrument.gate.outcome(
                known.get("care_plan"), known.get("wants_plan")
            )
            != "asked"
        )
        if not problems and not replies and not is_settled:
            problems.append(Problem(line, "", "no item is answered in this row"))
        if problems:
            return None, problems
        return Row(line=line, replies=replies, background=background, **known), []

    def _unsafe(self, line, cells):
        for name, cell in zip(self.header, cells):
            if cell.startswith(FORMULA):
                yield Problem(line, name, "a spreadsheet would run this as a formula")
            if len(cell) > EARLIER_ANSWERS.longest:
                longest = f"{EARLIER_ANSWERS.longest:,}"
                yield Problem(line, name, f"this has more than {longest} letters")

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
            elif text in GATE_OUTCOMES and not _agrees(text, form, about):
                says = f"{text} and care_plan do not say the same about a care plan"
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


GATE_OUTCOMES = {str(NO_PLAN): "lowest", str(NONE_WANTED): "structural"}


def _agrees(code, form, about):
    """Whether a code that the gate leaves fits what is said at the gate."""
    plan, wanted = about.get("care_plan") or None, about.get("wants_plan") or None
    return form.instrument.gate.outcome(plan, wanted) == GATE_OUTCOMES[code]
