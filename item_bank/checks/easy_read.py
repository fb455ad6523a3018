"""Rules about editions: complete, easy, and asking the same as their source."""

import re
from collections.abc import Iterator, Mapping, Sequence

from item_bank import lock
from item_bank.checks.registry import found, rule
from item_bank.checks.wording import JARGON, NEGATION, matching, running
from item_bank.contents import Limits, Worded
from item_bank.errors import Problem
from item_bank.models import Bank, Edition
from item_bank.readability import readability, words
from item_bank.texts import source_text

# Beside the words of a person, these fields name pictures.
_PICTURES = {"picture", "pictures"}
_SENTENCES = re.compile(r"[.!?:]+(?=\s|$)|\n+")
# A grade of two or three words says more about a name than about a sentence.
_FEWEST_WORDS_GRADED = 4


@rule
def check_edition(bank: Bank) -> Iterator[Problem]:
    """An edition words everything that its forms show, and nothing else."""
    held = lock.tables(bank)
    for edition in bank.editions.values():
        for (kind, ref), worded in edition.texts.items():
            place = f"texts.{kind}.{ref}"
            if ref not in held[kind]:
                if ref not in bank.unread:
                    said = f"there is no {kind} {ref}"
                    yield found(bank, "edition", edition, place, said)
                continue
            known = source_text(kind, held[kind][ref])
            for path in _unknown(worded, known):
                said = "is not in the source"
                yield found(bank, "edition", edition, f"{place}.{path}", said)
        yield from _left_out(bank, edition)
        yield from _undrawn(bank, edition)


@rule
def check_steps(bank: Bank) -> Iterator[Problem]:
    """Fewer steps are some of the set's own, lowest first, with both ends."""
    for edition in bank.editions.values():
        for ref, steps in edition.steps.items():
            held = bank.response_sets.get(ref)
            ends = held and [held.lowest, held.highest]
            known = held is not None and set(steps) <= set(held.values)
            if not known or steps != sorted(steps) or [steps[0], steps[-1]] != ends:
                said = "has to be categories of the set in order, both ends among them"
                yield found(bank, "edition", edition, f"steps.{ref}", said)


def _unknown(worded: Worded, source: Worded) -> Iterator[str]:
    """Places of words that have no counterpart in the source."""
    for name, part in worded.items():
        if name in _PICTURES:
            continue
        if name not in source:
            yield name
        elif isinstance(part, dict):
            yield from (f"{name}.{inner}" for inner in _unknown(part, source[name]))


def _left_out(bank: Bank, edition: Edition) -> Iterator[Problem]:
    for ref in edition.forms:
        if ref in bank.unread:
            continue
        if ref not in bank.instruments:
            yield found(bank, "edition", edition, "forms", f"there is no form {ref}")
            continue
        form = bank.instruments[ref]
        for kind, shown in dict.fromkeys((k, r.ref) for k, r in lock.parts(form)):
            worded = edition.texts.get((kind, shown), {})
            place = f"texts.{kind}.{shown}"
            if not worded:
                yield found(bank, "edition", edition, place, "is not worded")
            elif kind == "item":
                if form.perspective not in worded.get("stem", {}):
                    said = f"has no words for {form.perspective}"
                    yield found(bank, "edition", edition, place, said)
                if "picture" not in worded:
                    yield found(bank, "edition", edition, place, "has no picture")


def _undrawn(bank: Bank, edition: Edition) -> Iterator[Problem]:
    named = {n for worded in edition.texts.values() for n in _named(worded)}
    for name in sorted(named - set(edition.pictures)):
        said = f"there is no picture {name}"
        yield found(bank, "edition", edition, f"pictures.{name}", said)
    for name, picture in edition.pictures.items():
        if not picture.svg:
            said = f"draw it in editions/pictures/{name}.svg"
            yield found(bank, "edition", edition, f"pictures.{name}", said)


def _named(worded: Worded) -> Iterator[str]:
    for name, part in worded.items():
        if name == "picture":
            yield part
        elif name == "pictures":
            yield from part.values()
        elif isinstance(part, dict):
            yield from _named(part)


def _sentences(edition: Edition) -> Iterator[tuple[str, str, str]]:
    """Place, kind and text of everything that the edition words anew."""
    for (kind, ref), worded in edition.texts.items():
        yield from (
            (f"texts.{kind}.{ref}.{path}", kind, text) for path, text in _flat(worded)
        )


def _flat(worded: Worded, path: str = "") -> Iterator[tuple[str, str]]:
    for name, part in worded.items():
        if name in _PICTURES:
            continue
        if isinstance(part, dict):
            yield from _flat(part, f"{path}{name}.")
        else:
            yield f"{path}{name}", part


@rule
def check_easy(bank: Bank) -> Iterator[Problem]:
    """Every text of an edition keeps to its limits of grade and sentence length."""
    for edition in bank.editions.values():
        for place, _, text in _sentences(edition):
            for said in _too_hard(text, edition.limits):
                yield found(bank, "edition", edition, place, f"{said}: {text[:60]!r}")


def _too_hard(text: str, limits: Limits) -> Iterator[str]:
    longest = max(len(words(part)) for part in _SENTENCES.split(text))
    if longest > limits["words"]:
        yield f"a sentence has {longest} words, at most {limits['words']} are allowed"
    if len(words(text)) >= _FEWEST_WORDS_GRADED:
        grade = readability(running(text)).grade
        if grade > limits["grade"]:
            yield f"grade {grade:.1f} is above {limits['grade']:g}"
    word = matching(JARGON, text)
    if word:
        yield f"{word!r} is a word of services, not of people"


@rule
def check_same_sense(bank: Bank) -> Iterator[Problem]:
    """An item of an edition keeps the polarity, the parts and the terms it had."""
    for edition in bank.editions.values():
        for (kind, ref), worded in edition.texts.items():
            if kind != "item" or ref not in bank.items:
                continue
            for who, text in worded.get("stem", {}).items():
                source = bank.items[ref].stem.get(who, "")
                for said in _changed(source, text, edition.plain_words):
                    place = f"texts.item.{ref}.stem.{who}"
                    yield found(bank, "edition", edition, place, said)


def _changed(
    source: str, text: str, plain_words: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    if bool(matching(NEGATION, text)) != bool(matching(NEGATION, source)):
        yield "says no where the source says yes, or the other way round"
    if len([part for part in _SENTENCES.split(text) if part.strip()]) > 1:
        yield "write one sentence, so that one thing is agreed to"
    for term, stand_ins in plain_words.items():
        if matching(re.escape(term), source) and not matching(
            "|".join(map(re.escape, stand_ins)), text
        ):
            yield f"the source speaks of {term!r}; say {' or '.join(stand_ins)}"
