"""Tells the row of names from titles above it and from rows of texts below it."""

import re
from collections import Counter

MOST_ABOVE = 10  # rows in which the names are looked for
MOST_TEXTS = 3  # rows of texts and ids that a survey service puts below the names
SAMPLE = 200
IMPORT_ID = re.compile(r"""^\{\s*['"]ImportId['"]""")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
# How programs write that a cell holds nothing; none can be an answer.
_NOTHING = {"", "na", "n/a", "#n/a", "nan", "null", "#null!", "<na>"}
_STATA = re.compile(r"\.[a-z]?")


def is_nothing(cell):
    """Whether a cell is how a program writes that there is no value."""
    if cell[:1].isdigit():  # as nearly every answer: no way of writing nothing is
        return False
    return cell.lower() in _NOTHING or bool(_STATA.fullmatch(cell))


def is_number(cell):
    return bool(NUMBER.fullmatch(cell))


def place_of_header(records, wanted=()):
    """Which record holds the names: the first with all that is wanted.

    Else the first, unless it has empty or repeated cells and one of the next two is
    a row of names, each there and different.
    """
    if wanted:
        for place, (_, cells) in enumerate(records[:MOST_ABOVE]):
            if set(wanted) <= set(cells):
                return place
    width = max(len(cells) for _, cells in records[: MOST_ABOVE + SAMPLE])
    for place, (_, cells) in enumerate(records[:MOST_TEXTS]):
        if len(cells) == width and _are_names(cells):
            return place
    return 0


def _are_names(cells):
    repeated = [cell for cell, n in Counter(cells).items() if n > 1]
    return not repeated and all(cells) and not any(map(is_number, cells))


def n_of_texts(rows):
    """How many of the rows below the names hold texts or ids of the questions.

    `rows` are the cells of the first rows. A row of ids (Qualtrics) settles it; else
    a row of words over columns that hold nothing but numbers further down.
    """
    for n, cells in enumerate(rows[:MOST_TEXTS], 1):
        if any(IMPORT_ID.match(cell) for cell in cells):
            return n
    return next((n for n in range(1, MOST_TEXTS) if _are_texts(rows, n)), 0)


def _are_texts(rows, n):
    below = rows[n:SAMPLE]
    numeric = [place for place in range(len(rows[0])) if _is_numeric(below, place)]
    return len(numeric) > 1 and all(
        all(_is_word(cells[place]) for place in numeric) for cells in rows[:n]
    )


def _is_numeric(rows, place):
    filled = [cells[place] for cells in rows if not is_nothing(cells[place])]
    return bool(filled) and all(map(is_number, filled))


def _is_word(cell):
    return not is_nothing(cell) and not is_number(cell)
