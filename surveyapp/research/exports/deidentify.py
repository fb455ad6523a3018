"""What could single somebody out of an export is made coarser, or left out.

Who chose the columns that another could know of a person, the quasi-identifiers, has
every combination of them in the export shared by ten people at least. A person who
answered twice counts once, with what all of their rows say together.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from ...errors import InvalidAnswers, TooFewToExport
from ...plurals import counted

LEAST = 10  # people who share a combination
USUAL = ("team", "quarter", "mode", "assisted_by", "language", "words")
NEVER = ("person", "wave", "synthetic")  # neither known from outside nor of anybody


@dataclass(frozen=True)
class Statement:
    """What was done so that nobody stands out; printed with every export.

    `k` is the number of people in the smallest combination that is left.
    """

    columns: tuple
    k: int
    n_people: int
    n_years: int  # people whose quarters became years
    withheld: dict  # column -> people whose cells were emptied
    n_left_out: int

    @property
    def lines(self):
        """The same in words."""
        yield (
            f"Every combination of {', '.join(self.columns)} is shared by "
            f"{self.k} people at least (k = {self.k}); {LEAST} are asked for."
        )
        yield "Teams are numbers drawn for this export; dates are quarters at finest."
        if self.n_years:
            yield f"The quarter is a year for {_people(self.n_years)}."
        for column, n in self.withheld.items():
            yield f"{column} is left out for {_people(n)}."
        if self.n_left_out:
            are = "is" if self.n_left_out == 1 else "are"
            yield (
                f"{_people(self.n_left_out)} whose combination is too rare {are} left "
                "out altogether."
            )


def _people(n):
    return counted(n, "person", "people")


def deidentified(answers, chosen, rng, *, least=LEAST):
    """(Rows, statement, persons left out) of the rows of answers, header first.

    First quarters become years, for whom that is enough or no worse; then cells of
    the columns are emptied, the last named first; who still stands out is left out.
    Empty cells are a combination like any other.

    Parameters
    ----------
    chosen : sequence of str
        Columns that another could know of a person, those first that matter most.
    rng : random.Random
        Draws the numbers of teams.

    Raises
    ------
    InvalidAnswers
        Where there is no such column, or none is named.
    TooFewToExport
        Of fewer people than share a combination.
    """
    header, *rows = answers
    columns = tuple(dict.fromkeys(chosen))
    if not columns:
        says = "Choose at least one thing that somebody else could know of a person"
        raise InvalidAnswers({"quasi": says})
    for name in columns:
        if name not in header or name in NEVER:
            there = ", ".join(n for n in header if n not in NEVER)
            raise InvalidAnswers({"quasi": f"No column {name}; there are {there}"})
    people = _by_person(header, rows)
    if len(people) < least:
        raise TooFewToExport(len(people), least)
    _draw_teams(header, people, rng)
    places = [header.index(name) for name in columns]
    years = _coarsen_quarters(header, people, places, least)
    withheld = {}
    for name in reversed(columns):
        if rare := _rare(people, places, least):
            n = _empty(people, rare, header.index(name))
            withheld |= {name: n} if n else {}
    left_out = _rare(people, places, least)
    people = {name: rows for name, rows in people.items() if name not in left_out}
    if not people:
        raise TooFewToExport(0, least)
    k = min(_sizes(people, places).values())
    stated = Statement(columns, k, len(people), years, withheld, len(left_out))
    kept = sorted((row for rows in people.values() for row in rows), key=_first)
    return [header, *kept], stated, left_out


def _first(row):
    return row[0]


def _by_person(header, rows):
    people, place = defaultdict(list), header.index("person")
    for row in rows:
        people[row[place]].append([*row])
    return people


def _draw_teams(header, people, rng):
    """A number for each team, drawn for this export alone."""
    place = header.index("team")
    teams = sorted({row[place] for rows in people.values() for row in rows})
    drawn = dict(zip(teams, rng.sample(range(1, len(teams) + 1), len(teams))))
    for rows in people.values():
        for row in rows:
            row[place] = drawn[row[place]]


def _combination(rows, places):
    return frozenset(tuple(str(row[p] or "") for p in places) for row in rows)


def _sizes(people, places):
    return Counter(_combination(rows, places) for rows in people.values())


def _rare(people, places, least):
    """Persons whose combination fewer than `least` share."""
    sizes = _sizes(people, places)
    return {
        name
        for name, rows in people.items()
        if sizes[_combination(rows, places)] < least
    }


def _coarsen_quarters(header, people, places, least):
    place = header.index("quarter")
    rare = _rare(people, places, least) if place in places else ()
    for name in rare:
        for row in people[name]:
            row[place] = str(row[place])[:4]
    return len(rare)


def _empty(people, rare, place):
    """Empty a cell of these people; of how many there was something in it."""
    n = 0
    for name in rare:
        n += any(str(row[place] or "") for row in people[name])
        for row in people[name]:
            row[place] = ""
    return n
