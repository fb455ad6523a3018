"""Answers that stand as words in a file: codes for them, in an order that is stated."""

import re

from ...table_files.raw_table import InvalidTable

MOST_WORDS = 12  # more different ones than this are texts, not answers
SHOWN = 40
# 4 - Agree, (4) Agree, 4. Agree, 4 = Agree, 4 Agree: the number is the code, if what
# comes after it begins as a word does. 2-3, 3%, 0x2 and 2025-05-02 have no code.
_NUMBERED = re.compile(
    r"""\(?(-?\d+)(?:\)?\s*[-–—=:.)]\s*|\)?\s+)(["'“‘(\[]*[^\W\d_].*)"""
)
_AMOUNT = re.compile(r"-?\d+\s+(?P<first>[^\W\d_]+)(?P<rest>.*)")
_EXTENT = re.compile(r"-?\d+\s+to\s+(an?|any|little|most|no|some|the)\b.*", re.I)
_UNITS = frozenset(
    "second minute hour day night week fortnight month year time occasion visit "
    "appointment person people percent per or to and kg mg g ml".split()
)
_DAY = re.compile(
    r"""\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}(\s.*)?
    |\d{1,2}[-\s](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*([-\s]\d+)?
    |(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-\s]\d{1,4}""",
    re.IGNORECASE | re.VERBOSE,
)


class WordsAsAnswers(InvalidTable):
    """Columns of words; `words` has each and how often it stands, `items` the columns.

    The message lists them without an order: that is for people to say.
    """

    def __init__(self, name, items, counts, where):
        self.items, self.words = tuple(items), dict(counts)
        shown = ", ".join(f"{w[:SHOWN]} ({n})" for w, n in [*counts.items()][:20])
        several = f"columns {items[0]} to {items[-1]}"
        super().__init__(
            f"{name}: {several if len(items) > 1 else f'column {items[0]}'}, "
            f"row {where}: answers are words, not "
            f"numbers: {shown}",
            command="say their order, such as --labels 'lowest < ... < highest'",
            page="save the answers as numbers",
        )


def parse_labels(texts):
    """Turn ``Never < Sometimes < Often``, or ``Never=0, Often=4``, into {word: code}.

    Each text is one set of answers; without codes they are 1, 2, ... from the lowest.
    """
    return tuple(_label_set(text) for text in texts)


def _label_set(text):
    if "<" in text:
        words = [part.strip() for part in text.split("<")]
        codes = dict(zip(words, range(1, len(words) + 1)))
    else:
        pairs = [part.rpartition("=") for part in re.split(r"[,;]", text)]
        words = [word.strip() for word, _, _ in pairs]
        if not all(re.fullmatch(r"\s*-?\d+\s*", code) for _, _, code in pairs):
            raise InvalidTable(
                f"--labels {text}: give the words from lowest to highest with < "
                "between them, or each with its code, such as Never=0, Often=4"
            )
        codes = {word.strip(): int(code) for word, _, code in pairs}
    if not all(words) or len(set(map(_plain, words))) < len(words):
        raise InvalidTable(f"--labels {text}: each word stands once")
    return codes


def numbers_for(columns, label_sets, name):
    """{item: cells with codes for words}, of columns whose cells hold some words.

    `columns` is {item: Series of the cells that are no numbers}. A column that no set
    fits, or that two fit with different codes, raises WordsAsAnswers.
    """
    made, unknown = {}, {}
    for item, words in columns.items():
        if (days := words[words.map(_is_day)]).size:
            raise _day(name, item, days)
        codes = _codes_for({*words}, label_sets)
        if codes is None:
            unknown[item] = words
        else:
            made[item] = words.map(codes)
    if unknown:
        raise _problem(name, unknown)
    return made


def _codes_for(words, label_sets):
    fitting = []
    for labels in label_sets:
        plain = {_plain(word): code for word, code in labels.items()}
        if all(_plain(word) in plain for word in words):
            fitting.append({word: plain[_plain(word)] for word in words})
    numbered = _numbered(words)
    if not fitting and numbered:
        fitting.append(numbered)
    alike = fitting and all(codes == fitting[0] for codes in fitting)
    return fitting[0] if alike else None


def _numbered(words):
    """{word: its own number}, where each has one and no two labels share it.

    A number before a unit is an amount, not the code of a label: "2 weeks", "3 or
    more", "2 visits"; so is one whose words recur with other numbers. "2 To some
    extent" is a label.
    """
    if _are_amounts(words):
        return None
    parts = {word: _NUMBERED.fullmatch(word) for word in words}
    if not all(parts.values()):
        return None
    codes = {word: int(part[1]) for word, part in parts.items()}
    return codes if len(set(codes.values())) == len(codes) else None


def _are_amounts(words):
    words = [word for word in words if not _EXTENT.fullmatch(word)]
    parts = [part for word in words if (part := _AMOUNT.fullmatch(word))]
    things = [_singular(part["first"]) for part in parts]
    is_known = any(thing in _UNITS for thing in things)
    return is_known or (len(things) > 1 and len(set(things)) == 1)


def _singular(word):
    word = word.casefold()
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _problem(name, unknown):
    counts = {}
    for words in unknown.values():
        for word, n in words.value_counts().items():
            counts[word] = counts.get(word, 0) + n
    first = next(iter(unknown.values()))
    many = {i: w for i, w in unknown.items() if w.nunique() > MOST_WORDS}
    if many or len(counts) == 1 or sum(counts.values()) < 3:
        return _no_number(name, many or unknown)
    counts = dict(sorted(counts.items(), key=lambda pair: -pair[1]))
    return WordsAsAnswers(name, list(unknown), counts, first.index[0])


def _is_day(word):
    return bool(_DAY.fullmatch(word))


def _day(name, item, days):
    row, day = days.index[0], days.iloc[0]
    return InvalidTable(
        f"{name}: column {item}, row {row}: {day[:SHOWN]} is a day, as a spreadsheet "
        "makes of answers such as 2-5; give the column the format text, and save the "
        "file again from its source"
    )


def _no_number(name, unknown):
    item, words = next(iter(unknown.items()))
    word = words.iloc[0]
    return InvalidTable(
        f"{name}: column {item}, row {words.index[0]}: {word[:SHOWN]!r} "
        "is not a number",
        command=f"--missing '{word[:SHOWN]}' if it stands for no answer",
        page="save it as a number, or leave the cell empty",
    )


def _plain(word):
    return " ".join(word.casefold().split())
