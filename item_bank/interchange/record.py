"""What travels beside the words: the bones of an instrument as plain data.

A file is read back in two steps. The record gives the bones; then the same
writer is run on these with every text replaced by its key, and what stands in
the file where a key stands in that template is the text.
"""

import csv
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any, TypeVar

from item_bank import record_builders
from item_bank.contents import Content, Words
from item_bank.errors import BankError, Problem
from item_bank.lock import parts
from item_bank.models import Instrument, Item, Question
from item_bank.texts import mapped, texts, with_texts
from item_bank.yaml_writer import content

# What a record that was cut or put together by hand does to those who read it.
STUMBLES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    csv.Error,
    zlib.error,
)
Read = TypeVar("Read")
NESTED = ("response_set", "item", "question", "document")


def pack(form: Instrument, others: Sequence[Instrument] = ()) -> str:
    """The instrument and all it refers to, as JSON without the words that are shown."""
    bare = mapped(form, lambda key, text: "")
    forms = (form, *others)
    packed: Content = {
        "instrument": {**content(bare), "language": form.language},
        "languages": {each.language: each.direction for each in forms},
        "flags": {item.ref: list(item.flags) for item in form.items},
        "hints": [question.ref for question in questions(form) if question.hint],
        "unshown": {each.language: _unshown(each) for each in forms},
    }
    for kind, record in parts(bare):
        if kind != "instrument":
            packed.setdefault(kind, {})[record.ref] = content(record)
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":"))


def _unshown(form: Instrument) -> Words:
    """Words of reasons that no item of the form offers, so that no format has them."""
    offered = {
        f"reason.{item.responses.ref}.{reason}"
        for item in form.items
        for reason in item.reasons
    }
    return {
        key: text
        for key, text in texts(form).items()
        if key.startswith("reason.") and key not in offered
    }


def questions(form: Instrument) -> tuple[Question, ...]:
    """All questions beside the items, those about who is asked first."""
    return form.eligibility + form.questions


@dataclass(frozen=True)
class Bones:
    """An instrument with its keys for words, and what else the record holds."""

    form: Instrument
    languages: dict[str, str]  # language -> direction, the source first
    unshown: dict[str, Words]  # language -> key -> text

    @cached_property
    def keys(self) -> set[str]:
        """The keys of the words that stand in the file itself."""
        hidden = next(iter(self.unshown.values()))
        return set(texts(self.form)) - set(hidden)

    def dressed(self, words: Mapping[str, Words], name: str) -> dict[str, Instrument]:
        """The form in each language, from the words that the file gave."""
        gone = sorted(key for each in words.values() for key in self.keys - set(each))
        if gone:
            raise BankError([_lost(name, key) for key in gone])
        return {
            language: replace(
                with_texts(self.form, words[language] | self.unshown[language]),
                language=language,
                direction=direction,
            )
            for language, direction in self.languages.items()
        }


def bones(text: str) -> Bones:
    """The bones of a packed record."""
    packed = json.loads(text)
    found = record_builders.no_records()
    for kind in NESTED:
        for ref, written in packed.get(kind, {}).items():
            record = record_builders.BUILDERS[kind](written, found)
            if isinstance(record, Item):
                record = replace(record, flags=tuple(packed["flags"][ref]))
            if isinstance(record, Question) and ref in packed["hints"]:
                record = replace(record, hint="hint")
            record_builders.table(found, kind)[ref] = record
    form = record_builders.instrument(packed["instrument"], found)
    keyed = mapped(form, lambda key, text: key)
    return Bones(keyed, packed["languages"], packed["unshown"])


def read_by(reader: Callable[[Any], Read]) -> Callable[[Any], Read]:
    """A reader of strangers' files: what it stumbles over is a BankError of theirs."""

    @wraps(reader)
    def careful(given: Any) -> Read:
        try:
            return reader(given)
        except BankError:
            raise
        except STUMBLES as problem:
            said = f"cannot be read back ({type(problem).__name__}): it was changed"
            name = reader.__module__.rpartition(".")[2]
            raise BankError([Problem(name, "", said, "interchange")]) from problem

    return careful


def not_ours(name: str, what: str) -> BankError:
    """The error for a file that was not written by this bank."""
    said = f"holds no {what}; only files that this bank wrote can be read back"
    return BankError([Problem(name, "", said, "interchange")])


def _lost(name: str, key: str) -> Problem:
    said = "is missing; a form is read back whole or not at all"
    return Problem(name, key, said, "interchange")
