"""Rules about translations: nothing added, nothing left out, nothing moved."""

from collections.abc import Iterator

from item_bank import lock
from item_bank.checks.registry import rule
from item_bank.contents import Content, Worded
from item_bank.errors import Problem
from item_bank.models import Bank
from item_bank.texts import source_text


def _shape(value: object) -> Content | None:
    """The keys of nested text, to be compared between languages."""
    if isinstance(value, dict):
        return {key: _shape(part) for key, part in value.items()}
    return None


@rule
def check_translation(bank: Bank) -> Iterator[Problem]:
    """A translation has the keys of its source: perspectives, values, reasons."""
    held = lock.tables(bank)
    for language, translation in bank.translations.items():
        for (kind, ref), text in translation.texts.items():
            file = bank.files[f"{language}/{kind}", ref]
            if ref not in held.get(kind, {}):
                yield Problem(file, "ref", f"there is no {kind} {ref} to translate")
                continue
            said = _differences(source_text(kind, held[kind][ref]), text)
            yield from (Problem(file, place, message) for place, message in said)


def _differences(source: Worded, text: Worded) -> Iterator[tuple[str, str]]:
    given = {name: part for name, part in text.items() if name not in ("ref", "status")}
    for name in sorted(set(source) | set(given)):
        if name not in given:
            yield name, "is missing"
        elif name not in source:
            yield name, "is not in the source"
        elif _shape(source[name]) != _shape(given[name]):
            said = (
                f"has the keys {sorted(given[name])}, the source {sorted(source[name])}"
            )
            yield name, said
