"""The list of names and addresses that letters go to: read, printed, forgotten."""

import re
import unicodedata
from dataclasses import dataclass

from ..assessments.greetings import addressed
from ..assessments.start import team_of
from ..delimited import Rows, encoding_of, pieces
from ..errors import InvalidAnswers
from ..file_limits import LETTERS, FileRefused

MOST_LINES = 6  # beside the name
ADDRESS = tuple(f"address_{n}" for n in range(1, MOST_LINES))
NEEDED = ("name", "address_1", "address_2")
COLUMNS = ("name", *ADDRESS, "postcode", "greeting", "team")
FORMULA = ("=", "+", "-", "@")
FILE = "letters-file"


@dataclass(frozen=True)
class Addressee:
    """Whom a letter goes to; it is nowhere but in memory, and on the paper."""

    lines: tuple
    greeting: str
    team: object

    def to_dict(self):
        return {"lines": list(self.lines), "greeting": self.greeting}


def template_csv():
    """The first line of a list, to be filled in."""
    return ",".join(COLUMNS) + "\r\n"


def read_addresses(file, campaign):
    """The people in a list: a binary file of delimited text, columns as in COLUMNS.

    Raises
    ------
    InvalidAnswers
        With every problem found, by row and column; no name is repeated in it.
    """
    try:
        rows, columns = _rows(file)
    except FileRefused as problem:
        raise InvalidAnswers({FILE: f"The list cannot be used: {problem}"}) from None
    problems = {}
    for place, said in _problems_of(rows, columns, campaign):
        problems.setdefault(place, said)
    if problems:
        raise InvalidAnswers(problems)
    return [_addressee(row, campaign) for _, row in rows]


def _rows(file):
    """Numbered rows as the file has them, cells trimmed; and the columns."""
    found = Rows(pieces(file, encoding_of(file)), LETTERS)
    columns = [name.lower() for name in found.header]
    return [(line, _row(columns, cells)) for line, cells in found], columns


def _row(columns, cells):
    beyond = {"beyond": "yes"} if any(cells[len(columns) :]) else {}
    return dict.fromkeys(columns, "") | dict(zip(columns, cells)) | beyond


def _problems_of(rows, columns, campaign):
    """Pairs of a place and what is wrong there."""
    for name in NEEDED:
        if name not in columns:
            yield f"{FILE} {name}", f"There is no column {name}"
    if not set(columns) <= set(COLUMNS) or len(set(columns)) < len(columns):
        yield FILE, f"Use these columns, each once: {', '.join(COLUMNS)}"
        return
    if not rows:
        yield FILE, f"The list has 0 people; 1 to {LETTERS.n_rows} can be"
        return
    seen = {}
    for number, row in rows:
        for column, said in _problems_in(row, campaign):
            yield f"{FILE} {number} {column}", f"Row {number}, {column}: {said}"
        known = tuple(row.get(name, "").casefold() for name in COLUMNS[:-2])
        if known in seen:
            said = f"Row {number}: the same person as in row {seen[known]}"
            yield f"{FILE} {number}", said
        seen.setdefault(known, number)


def _problems_in(row, campaign):
    if row.get("beyond"):
        yield "end", "has more cells than there are columns"
    for column in NEEDED:
        if not row.get(column):
            yield column, "is empty"
    for column in COLUMNS:
        cell = row.get(column, "")
        if cell.startswith(FORMULA):
            yield column, "begins like a formula"
        elif len(cell) > LETTERS.longest:
            yield column, f"is longer than {LETTERS.longest} letters"
        elif any(unicodedata.category(sign) in ("Cc", "Cs") for sign in cell):
            yield column, "has a sign that cannot be printed"
    postcode = row.get("postcode", "")
    if postcode and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 -]{2,9}", postcode):
        yield "postcode", "is not a postcode"
    names = [team.name for team in campaign.teams]
    if len(names) > 1 and row.get("team") not in names:
        yield "team", "is not a team of the campaign"


def _addressee(row, campaign):
    lines = [row["name"], *(row.get(name, "") for name in ADDRESS)]
    lines.append(row.get("postcode", "").upper())
    teams = {team.name: team.id for team in campaign.teams}
    return Addressee(
        lines=tuple(line for line in lines if line),
        greeting=addressed(row.get("greeting") or row["name"]),
        team=team_of(campaign, teams.get(row.get("team"))),
    )
