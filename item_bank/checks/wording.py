"""Rules about how things are said. Each may be broken, with a written reason."""

import re
from collections.abc import Iterator

from item_bank.checks.registry import found, newest, rule, stems, texts
from item_bank.errors import Problem
from item_bank.models import Bank, Item
from item_bank.readability import LIMIT, readability

PROFESSIONAL_LIMIT = 10.0

JOINED = r"and|or|and/or|as well as|both|\w+/\w+"
ABSOLUTE = (
    r"always|never|all|every\w*|each time|none|nobody|any time|constantly|"
    r"totally|completely|entirely|absolutely|only|at all times"
)
NEGATION = r"not|no|never|nor|neither|without|hardly|\w+n['’]t|fail\w*|lack\w*|refused?"
LEADING = (
    r"should|must|of course|obviously|surely|clearly|as expected|rightly|"
    r"proper(?:ly)?|excellent|wonderful|at least|even though|too little|good enough"
)
JARGON = (
    r"cpa|care programme|care coordinator|care co-ordinator|multi-?disciplinary|mdt|"
    r"holistic\w*|comorbid\w*|co-morbid\w*|somatic|parity|esteem|person-cent\w+|"
    r"co-?produc\w+|personalis\w+|collaborat\w+|intervention\w*|assessment\w*|"
    r"primary care|secondary care|adherence|complian\w+|concordance|signpost\w*|"
    r"stakeholder\w*|pathway\w*|lifestyle\w*|metabolic|antipsychotic\w*|bmi|ecg|"
    r"monitor\w*|facilitat\w*|engage\w*|empower\w*|wellbeing plan|biopsychosocial|"
    r"outpatient\w*|inpatient\w*|discharge\w*|carer-led|service-led|outcomes?"
)
RECALL = (
    r"(?:last|past|previous|recent) (?:\w+ )?(?:days?|weeks?|months?|years?)|"
    r"recently|lately|nowadays|so far|months? ago|weeks? ago|years? ago|today"
)


def matching(pattern: str, text: str) -> str | None:
    """The first of the forbidden words in a text, or None."""
    match = re.search(rf"(?<![\w'’-])(?:{pattern})(?![\w'’-])", text, re.IGNORECASE)
    return match and match.group()


def _each_stem(bank: Bank, pattern: str, message: str) -> Iterator[Problem]:
    for text in stems(bank):
        word = matching(pattern, text.words)
        if word:
            yield found(bank, text.kind, text.record, text.place, message.format(word))


@rule
def check_readability(bank: Bank) -> Iterator[Problem]:
    """No wording is harder than grade 7; the professionals' form may reach 10."""
    for text in texts(bank):
        limit = PROFESSIONAL_LIMIT if text.perspective == "professional" else LIMIT
        measured = readability(running(text.words))
        if measured.grade > limit:
            said = (
                f"grade {measured.grade:.1f} is above {limit:g} (Flesch-Kincaid "
                f"{measured.flesch_kincaid:.1f}, automated {measured.automated:.1f}); "
                f"shorten it: {text.words[:60]!r}"
            )
            yield found(bank, text.kind, text.record, text.place, said)


def running(words: str) -> str:
    """Headings and list points as sentences, as a reader takes them."""
    lines = [line.lstrip("#- ").strip() for line in words.splitlines()]
    ended = (line if line[-1:] in ".!?:" else f"{line}." for line in lines if line)
    return " ".join(ended)


@rule
def check_joined(bank: Bank) -> Iterator[Problem]:
    """An item asks one thing."""
    said = "{!r} joins two things; ask one of them"
    yield from _each_stem(bank, JOINED, said)


@rule
def check_absolute(bank: Bank) -> Iterator[Problem]:
    """An item leaves room for experience between always and never."""
    yield from _each_stem(bank, ABSOLUTE, "{!r} leaves no room for a little or mostly")


@rule
def check_negation(bank: Bank) -> Iterator[Problem]:
    """An item is said positively."""
    said = "{!r} makes agreeing mean a lack; say what should happen"
    yield from _each_stem(bank, NEGATION, said)


@rule
def check_leading(bank: Bank) -> Iterator[Problem]:
    """An item does not say which answer is the right one."""
    yield from _each_stem(bank, LEADING, "{!r} tells the reader what to think")


@rule
def check_jargon(bank: Bank) -> Iterator[Problem]:
    """No word of the services' own language is shown to people."""
    for text in texts(bank):
        if text.perspective == "professional":
            continue
        word = matching(JARGON, text.words)
        if word:
            said = f"{word!r} is a word of services, not of people"
            yield found(bank, text.kind, text.record, text.place, said)


@rule
def check_recall(bank: Bank) -> Iterator[Problem]:
    """The period to think of is said once, by the instrument."""
    said = "{!r} sets a period of its own; the instrument states it"
    yield from _each_stem(bank, RECALL, said)


OF_SOMEBODY = re.compile(r"the person (whom )?I care for", re.IGNORECASE)
ONESELF = re.compile(r"\b(I|me|my|myself|we|us|our)\b", re.IGNORECASE)


@rule
def check_own_experience(bank: Bank) -> Iterator[Problem]:
    """A carer tells of their own experience, not of somebody else's."""
    for item in newest(bank):
        words = item.stem.get("carer", "I")
        if not ONESELF.search(OF_SOMEBODY.sub("", words)):
            said = "tells of the person cared for alone; say what the carer lived"
            yield found(bank, "item", item, "stem.carer", said)


@rule
def check_sentence(bank: Bank) -> Iterator[Problem]:
    """An item is one statement with a capital and a full stop."""
    for text in stems(bank):
        inner = text.words[:-1]
        if not re.fullmatch(r"[A-Z].*\.", text.words) or re.search(r"[.!?;]", inner):
            said = "write one sentence with a capital letter and a full stop"
            yield found(bank, text.kind, text.record, text.place, said)


@rule
def check_same_wording(bank: Bank) -> Iterator[Problem]:
    """No two items that are in use say the same to the same people."""
    seen: dict[tuple[str | None, str], Item] = {}
    for text in stems(bank):
        key = text.perspective, text.words.casefold()
        other = seen.setdefault(key, text.record)
        if other.id != text.record.id:
            said = f"{other.ref} says the same"
            yield found(bank, text.kind, text.record, text.place, said)
