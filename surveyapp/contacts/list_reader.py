"""Reads a list of people and names every problem by row and column."""

from dataclasses import dataclass, field
from itertools import islice

from ..csv_cells import Problem
from ..models.contact_import import CONTACTS
from ..plurals import counted
from . import cells as cells_
from .blind_indexes import Keys
from .list_files import rows_of

CHECKS = {
    "postcode": cells_.postcode,
    "email": cells_.email,
    "telephone": cells_.telephone,
    "nhs_number": cells_.nhs_number,
    "about_nhs_number": cells_.nhs_number,
    "language": cells_.language,
    "mode": cells_.one_of(cells_.MODES),
    "perspective": cells_.one_of(cells_.ASKED_AS),
    "large_print": cells_.yes_or_no,
    "easy_read": cells_.yes_or_no,
    "do_not_contact": cells_.yes_or_no,
}
DAYS = ("date_of_birth", "about_date_of_birth")
ADDRESS = ("address_1", "address_2", "address_3", "town", "postcode")
WISHES = ("mode", "large_print", "easy_read")


@dataclass(frozen=True)
class Person:
    """One row that is well: what is kept of it, and its keys by kind.

    What the row says nothing of is None in `kept`, or stands not in its preferences.
    """

    line: int
    kept: dict
    keys: dict
    about: dict = field(default_factory=dict)


class Reader:
    """The rows of a list, each as a Person or None with its problems.

    `teams` is name or number -> number. FileRefused where there is no table.
    """

    def __init__(self, texts, form, *, columns, kind, trust_id, teams, today):
        self.header, self._rows = rows_of(texts, form)
        self._places = {
            name: self.header.index(column)
            for name, column in columns.items()
            if column in self.header
        }
        self._kind, self._keys = kind, Keys(trust_id)
        self._teams, self._today = teams, today

    def in_batches(self, n=500):
        """(person or None, problems) of so many rows at a time."""
        rows = (self._checked(line, cells) for line, cells in self._rows)
        while some := [*islice(rows, n)]:
            yield some

    def _checked(self, line, cells):
        if len(cells) != len(self.header):
            names = counted(len(self.header), "column name")
            says = f"{counted(len(cells), 'cell')} under {names}"
            return None, [Problem(line, "", says)]
        known, problems = {}, []
        for name, place in self._places.items():
            try:
                known[name] = self._cell(name, cells[place])
            except ValueError as problem:
                problems.append(Problem(line, self.header[place][:40], str(problem)))
        if problems:
            return None, problems
        person = self._person(line, {n: v for n, v in known.items() if v is not None})
        lacks = self._lacks(person)
        return (None, [Problem(line, "", lacks)]) if lacks else (person, [])

    def _cell(self, name, text):
        if not text:
            return None
        cells_.safe(name, text)
        if name in DAYS:
            return cells_.born(text, self._today)
        if name == "team":
            if text.casefold() not in self._teams:
                raise ValueError("this is no team of the trust")
            return self._teams[text.casefold()]
        return CHECKS[name](text) if name in CHECKS else text

    def _person(self, line, known):
        halves = [known.get("first_name"), known.get("last_name")]
        name = known.get("name") or " ".join(filter(None, halves))
        who = {
            "name": name,
            "born": known.get("date_of_birth"),
            "nhs": known.get("nhs_number"),
        }
        if self._kind != CONTACTS:
            return Person(line, {"name": name}, self._keys.listed(**who))
        about = self._keys.listed(
            name=known.get("about_name", ""),
            born=known.get("about_date_of_birth"),
            nhs=known.get("about_nhs_number"),
        )
        kept = {
            "name": name,
            "postal_address": self._address(known),
            "email": known.get("email"),
            "telephone": known.get("telephone"),
            "team_id": known.get("team"),
            "perspective": known.get("perspective"),
            "language": known.get("language"),
            "preferences": {w: known[w] for w in WISHES if w in known},
            "do_not_contact": known.get("do_not_contact", False),
        }
        keys = self._keys.of(
            **who,
            postcode=known.get("postcode"),
            telephone=known.get("telephone"),
            email=known.get("email"),
            who=known.get("perspective", "service_user"),
        )
        return Person(line, kept, keys, about)

    def _address(self, known):
        """All lines of an address; a postcode by itself is none."""
        lines = [known[line] for line in ADDRESS if line in known]
        return "\n".join(lines) if known.keys() & {*ADDRESS[:-1]} else None

    def _lacks(self, person):
        if self._kind != CONTACTS:
            says = "no NHS number, and no name with a date of birth"
            return None if person.keys else says
        if not person.kept["name"]:
            return "there is no name"
        ways = ("postal_address", "email", "telephone")
        if not any(person.kept[way] for way in ways):
            return "there is no address, e-mail address or telephone number"
        return None
