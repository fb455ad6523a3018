"""Reads what an imported row says about an assessment; a ValueError says what is wrong.

Each check takes the checker of the file and the row's cells by column.
"""

import re
from datetime import UTC, date, datetime, time

from ..assessments.labels import HELPERS
from ..calendar import LONDON
from ..models.assessment import CARE_PLANS
from ..models.campaign import MODES
from ..table_files.across_rows import is_power

LONGEST_CELL = 200
EARLIEST = date(2000, 1, 1)
QUARTER = re.compile(r"(\d{4})\s*-?\s*Q([1-4])")
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
UK_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _one_of(name, allowed, *, empty=None, needed=False):
    def check(checker, about):
        text = about.get(name, "")
        if not text and not needed:
            return empty
        if text not in (allowed or checker.forms):
            among = ", ".join(allowed or checker.forms)
            raise ValueError(f"{text[:40]!r} is none of {among}")
        return text

    return check


def _person(checker, about):
    person = about.get("person", "")
    if len(person) > LONGEST_CELL:
        raise ValueError("this is too long")
    if is_power(person):
        raise ValueError(
            f"{person} is how a spreadsheet shortens a long number; give the column "
            "the format text, and save the file again from its source"
        )
    return person


def _team(checker, about):
    if checker.team_id is not None:
        return checker.team_id
    text = about.get("team", "")
    if text.casefold() not in checker.teams:
        raise ValueError(f"{text[:40]!r} is no team of this campaign")
    return checker.teams[text.casefold()]


def _wave(checker, about):
    text = about.get("wave", "") or "1"
    if not re.fullmatch(r"[1-9][0-9]?", text):
        raise ValueError(f"{text[:40]!r} is no number from 1 to 99")
    return int(text)


def _language(checker, about):
    text = about.get("language", "") or "en"
    if not LANGUAGE.fullmatch(text) or len(text) > 16:
        raise ValueError(f"{text[:40]!r} is no language such as en")
    return text


def _synthetic(checker, about):
    text = about.get("synthetic", "") or "0"
    if text not in ("0", "1"):
        raise ValueError(f"{text[:40]!r} is neither 0 nor 1")
    return text == "1"


def _at(checker, about):
    """Noon in London of the day, or of the middle of a quarter."""
    quarter, day = about.get("quarter", ""), _day(about.get("date", ""))
    found = QUARTER.fullmatch(quarter) if quarter else None
    if quarter and not found:
        raise ValueError(f"{quarter[:40]!r} is no quarter such as 2025Q1")
    if (
        found
        and day
        and (day.year, (day.month + 2) // 3) != tuple(map(int, found.groups()))
    ):
        raise ValueError(f"this day is not in {quarter}")
    if day is None and found:
        day = date(int(found[1]), 3 * int(found[2]) - 1, 15)
        # The middle of the running quarter may be still to come.
        day = min(day, checker.today) if _same_quarter(day, checker.today) else day
    if day is None:
        raise ValueError("there is neither a day nor a quarter")
    if not EARLIEST <= day <= checker.today:
        raise ValueError(f"{day:%-d %B %Y} cannot be the day of an earlier answer")
    noon = datetime.combine(day, time(12), LONDON).astimezone(UTC)
    midnight = datetime.combine(day, time(0), LONDON).astimezone(UTC)
    return midnight if day == checker.today else noon


def _day(text):
    if not text:
        return None
    iso, uk = ISO_DAY.fullmatch(text), UK_DAY.fullmatch(text)
    if not iso and not uk:
        raise ValueError(f"{text[:40]!r} is no day such as 2025-03-27 or 27/03/2025")
    year, month, day = map(int, iso.groups() if iso else uk.groups()[::-1])
    try:
        return date(year, month, day)
    except ValueError as problem:
        raise ValueError(f"{text[:40]!r} is no day of the calendar") from problem


def _same_quarter(one, other):
    return (one.year, (one.month + 2) // 3) == (other.year, (other.month + 2) // 3)


CHECKS = {
    "perspective": _one_of("perspective", None, needed=True),
    "person": _person,
    "team_id": _team,
    "wave": _wave,
    "at": _at,
    "mode": _one_of("mode", MODES, needed=True),
    "assisted_by": _one_of("assisted_by", tuple(HELPERS)),
    "language": _language,
    "care_plan": _one_of("care_plan", CARE_PLANS),
    "wants_plan": _one_of("wants_plan", CARE_PLANS),
    "is_synthetic": _synthetic,
}
COLUMN_OF = {"team_id": "team", "at": "date", "is_synthetic": "synthetic"}
