"""From what a keyer sends to codes."""

import re
from datetime import date

from ..errors import InvalidAnswers
from ..models.assessment import COMMENT_LENGTH
from .keying_sheet import BLANK, MARKS

LEFT_OPEN = "Choose what is on the paper, or Left blank"
NO_DATE = "Give day, month and year, such as 27 3 2026, or leave it empty"
IN_FUTURE = "This date is still to come. Key the date that is on the paper"
TOO_EARLY = (
    "This is before the campaign opened, on {}. If the paper says so, leave it empty"
)
TOO_LONG = "This is too long: {} letters are the most"
TEXT_LENGTH = 200
LATIN_DIGITS = re.compile(r"[0-9]+")


def read_page(page, form, *, opened, today):
    """Field -> code for one page; InvalidAnswers names what is wrong, by field.

    `opened` is the day from which the form can have been filled in.
    """
    given, problems = {}, {}
    for field in page.fields:
        try:
            given[field.name] = READERS[field.kind](field, form, opened, today)
        except ValueError as problem:
            problems[field.name] = str(problem)
    if problems:
        raise InvalidAnswers(problems)
    return given


def _one(field, form, *_):
    code = form.get(field.name)
    if code not in field.codes:
        raise ValueError(LEFT_OPEN)
    return code


def _many(field, form, *_):
    """Codes in the order of the paper; what cannot be read stands alone."""
    chosen = set(form.getlist(field.name))
    if not chosen:
        return BLANK
    if not chosen <= field.codes or (chosen & set(MARKS) and len(chosen) > 1):
        raise ValueError(LEFT_OPEN)
    return ";".join(sorted(chosen, key=[*dict(field.boxes), *MARKS].index))


def _date(field, form, opened, today):
    """The day in ISO form; two digits of a year are of this century."""
    typed = (form.get(field.name) or "").strip()
    if not typed:
        return BLANK
    numbers = [int(n) for n in LATIN_DIGITS.findall(typed)]
    if len(numbers) == 3 and numbers[0] > 31:
        numbers.reverse()  # 2026-03-27
    try:
        day, month, year = numbers
        read = date(year + 2000 if year < 100 else year, month, day)
    except ValueError as problem:
        raise ValueError(NO_DATE) from problem
    if read > today:
        raise ValueError(IN_FUTURE)
    if read < opened:
        raise ValueError(TOO_EARLY.format(f"{opened:%-d %B %Y}"))
    return read.isoformat()


def _text(field, form, *_):
    longest = COMMENT_LENGTH if field.kind == "comment" else TEXT_LENGTH
    typed = (form.get(field.name) or "").strip()
    if len(typed) > longest:
        raise ValueError(TOO_LONG.format(longest))
    return typed


READERS = {
    "one": _one,
    "many": _many,
    "date": _date,
    "text": _text,
    "comment": _text,
}
