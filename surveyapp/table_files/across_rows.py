"""What only several rows of a file show: times that cannot be, orphans, lost digits.

A spreadsheet that takes identifiers for numbers drops leading zeros, rounds after 15
digits, and writes 120000000000 as 1.2E+11: several persons may share what is left.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

WRITTEN_AS_POWER = re.compile(r"\d([.,]\d+)?[eE]\+?\d{1,3}")
EXACT = 15  # digits that a spreadsheet keeps
_QUARTER = re.compile(r"(\d{4})\s*-?\s*Q([1-4])", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})([T ].*)?")
_UK = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})( .*)?")
SHOWN = 5
MOST_TIMES = 10  # rows a person on average; of more a column names something else
# What files call the column of persons, beside the name that is given.
IDENTIFIERS = {
    *("person", "person_id", "respondent", "respondent_id", "participant"),
    *("participant_id", "subject", "subject_id", "id", "case_id", "record_id"),
    *("responseid", "response_id", "participantid", "respondentid"),
}


def is_power(text):
    """Whether an identifier is what a spreadsheet makes of a long number."""
    return bool(WRITTEN_AS_POWER.fullmatch(text))


def day_or_quarter(text):
    """The day of a cell, or the middle of its quarter; None where it is neither."""
    if found := _QUARTER.fullmatch(text):
        return date(int(found[1]), 3 * int(found[2]) - 1, 15)
    iso, uk = _ISO.fullmatch(text), _UK.fullmatch(text)
    if not iso and not uk:
        return None
    year, month, day = map(int, iso.groups()[:3] if iso else uk.groups()[2::-1])
    try:
        return date(year, month, day)
    except ValueError:
        return None


@dataclass
class Waves:
    """When each person answered, as rows come one after another."""

    _of: dict = field(default_factory=dict)  # who -> ((wave, day, row), ...)

    def row_of(self, who, wave):
        """The row that this person has of this wave so far, or None."""
        held = (row for other, _, row in self._of.get(who, ()) if other == wave)
        return next(held, None)

    def add(self, who, wave, day, row):
        """Take one row; what is wrong with its time beside the others, or None."""
        before = self._of.get(who, ())
        self._of[who] = (*before, (wave, day, row))
        for other, its_day, its_row in before:
            if day and its_day and (wave - other) * (day - its_day).days < 0:
                word = "before" if day < its_day else "after"
                return f"wave {wave} is {word} wave {other} in row {its_row}"
        return None

    def orphans(self):
        """Rows of a later wave whose person has no first one."""
        return sorted(
            row
            for waves in self._of.values()
            if all(wave > 1 for wave, _, _ in waves)
            for _, _, row in waves
        )


def identifier_notes(column, rows):
    """Sentences on identifiers that a spreadsheet seems to have changed.

    `rows` is {row: identifier}; empty ones are left out.
    """
    rows = {row: text for row, text in rows.items() if text}
    powers = {row: text for row, text in rows.items() if is_power(text)}
    if powers:
        yield (
            f"column {column}: {_first(powers)} a number as a spreadsheet shortens it, "
            "so that several persons may share it; give the column the format text, "
            "and save the file again from its source"
        )
    rounded = {row: text for row, text in rows.items() if _is_rounded(text)}
    if len(rounded) > 1 and len(rounded) == sum(len(t) > EXACT for t in rows.values()):
        yield (
            f"column {column}: {_first(rounded)} rounded after {EXACT} digits, as a "
            "spreadsheet does; several persons may share it"
        )
    short = _shortened(rows)
    if short:
        yield (
            f"column {column}: {_first(short)} shorter than most identifiers: leading "
            "zeros may have been taken away by a spreadsheet"
        )


def _is_rounded(text):
    return text.isdigit() and len(text) > EXACT and not text[EXACT:].strip("0")


def _shortened(rows):
    """Numbers of fewer digits than most, too few of them to be 1, 2, 3, ...

    Of numbers of four digits or more one in ten loses a zero.
    """
    if not rows or not all(text.isdigit() and text[0] != "0" for text in rows.values()):
        return {}
    people = {*rows.values()}
    ((width, n),) = Counter(map(len, people)).most_common(1)
    short = {row: text for row, text in rows.items() if len(text) < width}
    n_short = len({*short.values()})
    is_rest = n + n_short == len(people) and 4 * n_short <= len(people)
    is_no_series = 10 * n_short <= 10 ** (width - 1)
    return short if width > 3 and is_rest and is_no_series else {}


def _first(rows):
    row, text = next(iter(rows.items()))
    others = len(rows) - 1
    more = f", with {others} more," if others else ""
    return f"{text[:40]} in row {row}{more} is"


def notes(columns, *, person="person", wave="wave", order=("1", "2", "3")):
    """Sentences on what the rows of a file show together.

    Parameters
    ----------
    columns : dict of str to dict
        {name: {row: cell}} of the columns that hold no answers.
    person, wave : str
        The columns that name the person and the time.
    order : sequence of str
        The labels of the times, first to last; a number says its own place.
    """
    for name, rows in columns.items():
        if name == person:
            yield from identifier_notes(name, rows)
        elif any(map(is_power, rows.values())):
            powers = {r: t for r, t in rows.items() if is_power(t)}
            if all(t.isdigit() or is_power(t) for t in rows.values() if t):
                yield from identifier_notes(name, powers)
    if person in columns and wave in columns:
        yield from _over_time(columns, person, wave, order)
    if wave not in columns:
        for name, rows in columns.items():
            if name == person or name.casefold().replace(" ", "_") in IDENTIFIERS:
                yield from _twice(name, rows, columns.get("perspective", {}))


def _twice(column, rows, perspectives):
    """Identifiers of several rows, where nothing says that they are times of one."""
    seen, again = {}, {}
    for row, who in rows.items():
        first = seen.setdefault((perspectives.get(row, ""), who), row)
        if who and first != row:
            again[row] = first
    if again and len(rows) <= MOST_TIMES * len(seen):  # else it names something else
        row, first = next(iter(again.items()))
        others = f", and {len(again) - 1} more so" if len(again) > 1 else ""
        yield (
            f"column {column}: row {row} has the identifier of row {first}{others}; "
            "each row counts as a person"
        )


def _over_time(columns, person, wave, order):
    place = {label: number for number, label in enumerate(order, 1) if label}
    days = columns.get("date") or columns.get("quarter") or {}
    waves, wrong = Waves(), []
    for row, who in columns[person].items():
        label = columns[wave].get(row, "")
        number = int(label) if label.isdecimal() else place.get(label)
        if not who or number is None:
            continue
        which = columns.get("perspective", {}).get(row, "")
        day = day_or_quarter(days.get(row, ""))
        if says := waves.add((which, who), number, day, row):
            wrong.append(f"row {row}: {says}")
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        yield f"times that cannot be: {'; '.join(wrong[:SHOWN])}{more}"
    if orphans := waves.orphans():
        yield orphans_say(len(orphans), orphans)


def orphans_say(n, rows):
    """One sentence on later rows of persons who have no first one."""
    shown = ", ".join(map(str, rows[:SHOWN])) + (" ..." if n > SHOWN else "")
    if n == 1:
        return f"row {shown} is of a later wave, and its person has no first one"
    return f"{n} rows are of a later wave, and their persons have no first one: {shown}"
