"""The register of rules, and where a rule is told what to look at."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from item_bank.errors import Problem
from item_bank.models import (
    Action,
    Bank,
    Document,
    Finding,
    Instrument,
    Item,
    Versioned,
)

Rule: TypeAlias = Callable[[Bank], Iterator[Problem]]
Record = TypeVar("Record", bound=Versioned, covariant=True)

RULES: dict[str, Rule] = {}
PLACE = re.compile(r"\{\{\w+\}\}")  # what a campaign says of itself in a notice


def rule(check: Rule) -> Rule:
    """Enter ``check_<name>(bank)``, which yields problems, in the register."""
    RULES[check.__name__.removeprefix("check_")] = check
    return check


def found(
    bank: Bank,
    kind: str,
    record: Versioned | Finding | Action,
    place: str,
    message: str,
) -> Problem:
    """A problem in the file of one record; the register adds the rule's name."""
    ref = getattr(record, "ref", None) or record.id
    return Problem(bank.files[kind, ref], place, message)


@dataclass(frozen=True)
class Text(Generic[Record]):
    """One wording, where it stands, who reads it, and what it may break."""

    kind: str
    record: Record
    place: str
    perspective: str | None
    words: str


def newest(bank: Bank) -> Iterator[Item]:
    """The last version of each item that is not retired: what new forms draw on."""
    last: dict[str, Item] = {}
    for item in bank.items.values():
        is_later = item.version > last.get(item.id, item).version or item.id not in last
        if is_later and bank.status(item.ref) != "retired":
            last[item.id] = item
    yield from last.values()


def stems(bank: Bank) -> Iterator[Text[Item]]:
    """Every wording of every item."""
    for item in bank.items.values():
        for perspective, words in item.stem.items():
            yield Text("item", item, f"stem.{perspective}", perspective, words)


def texts(bank: Bank) -> Iterator[Text[Versioned]]:
    """Every wording that a person may be shown, the items' first."""
    yield from stems(bank)
    for question in bank.questions.values():
        for perspective, words in question.text.items():
            yield Text("question", question, f"text.{perspective}", perspective, words)
    for document in bank.documents.values():
        yield from _document_texts(document)
    for form in bank.instruments.values():
        for place, words in _form_texts(form):
            yield Text("instrument", form, place, form.perspective, words)


def _document_texts(document: Document) -> Iterator[Text[Document]]:
    for place in ("body", "easy"):
        if getattr(document, place):
            yield Text("document", document, place, None, getattr(document, place))
    for part in document.parts:
        only = part.perspective[0] if len(part.perspective) == 1 else None
        for place in ("text", "easy"):
            words = PLACE.sub("this", getattr(part, place))
            if words:
                where = f"parts.{part.id}.{place}"
                yield Text("document", document, where, only, words)


def _form_texts(form: Instrument) -> Iterator[tuple[str, str]]:
    yield "recall", form.recall
    yield "intro", form.intro
    for term, meaning in form.definitions.items():
        yield f"definitions.{term}", meaning
    if form.gate:
        yield "gate.text", form.gate.text
    for at, block in enumerate(form.blocks):
        yield f"blocks.{at}.intro", block.intro
