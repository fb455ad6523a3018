"""Other words for the same questions: easy read, with a picture beside each.

An edition lies beside the published forms and changes none of them: values,
reasons and coding stay, and so do the references that are stored with an answer.
"""

from collections.abc import Iterator
from dataclasses import replace

from item_bank.contents import Worded
from item_bank.errors import BankError, Problem
from item_bank.languages import words_of
from item_bank.lock import parts
from item_bank.models import (
    SOURCE_LANGUAGE,
    Bank,
    Block,
    Edition,
    Instrument,
    Picture,
)
from item_bank.texts import source_text, with_texts

STATUSES = ("draft", "tested", "validated")


def editions_of(
    bank: Bank, form: Instrument, language: str = SOURCE_LANGUAGE
) -> dict[str, Edition]:
    """Id -> the newest edition that is written for this form in this language."""
    written = (
        edition
        for edition in bank.editions.values()
        if form.ref in edition.forms and edition.language == language
    )
    return {e.id: e for e in sorted(written, key=lambda e: e.version)}


def in_edition(bank: Bank, form: Instrument, name: str) -> Instrument:
    """The form in the words of an edition, with `pictures` by the key of a text.

    Parameters
    ----------
    form : Instrument
        In the language that the edition has to be in.
    name : str
        An id, such as ``easy_read``, for its newest version; or ``easy_read.v1``.

    Raises
    ------
    BankError
        If there is no such edition for this form in its language.
    """
    edition = editions_of(bank, form, form.language).get(name) or bank.editions.get(
        name
    )
    if (
        edition is None
        or form.ref not in edition.forms
        or edition.language != form.language
    ):
        said = f"{form.ref} is not in this edition in {form.language}"
        raise BankError([Problem("editions", name, said, "edition")])
    worded = {
        (kind, record.ref): merged(
            source_text(kind, record), edition.texts.get((kind, record.ref), {})
        )
        for kind, record in parts(form)
    }
    shown = with_texts(form, words_of(worded, form))
    return replace(
        shown,
        blocks=tuple(_in_steps(edition, block) for block in shown.blocks),
        definitions=_in_plain_words(edition, shown.definitions),
        edition=edition.ref,
        pictures=_pictures(edition, form),
    )


def _in_steps(edition: Edition, block: Block) -> Block:
    """The block with fewer categories to choose from, where the edition says so."""
    items = tuple(
        (
            replace(item, responses=replace(held, steps=tuple(edition.steps[held.ref])))
            if (held := item.responses).ref in edition.steps
            else item
        )
        for item in block.items
    )
    return replace(block, items=items)


def _in_plain_words(edition: Edition, definitions: dict[str, str]) -> dict[str, str]:
    """The meanings under the terms that the edition's own wordings use."""
    plain = edition.plain_words
    return {plain.get(term, [term])[0]: said for term, said in definitions.items()}


def merged(source: Worded, worded: Worded) -> Worded:
    """The fields of a source, each with its new words where it has any."""
    return {
        name: (
            merged(part, worded.get(name, {}))
            if isinstance(part, dict)
            else worded.get(name, part)
        )
        for name, part in source.items()
    }


def _pictures(edition: Edition, form: Instrument) -> dict[str, Picture]:
    """Key of a text -> its picture, of all that this form shows."""
    named: dict[str, str] = {}
    for kind, record in parts(form):
        worded = edition.texts.get((kind, record.ref), {})
        named |= dict(_named(kind, record.ref, worded))
    return {key: edition.pictures[name] for key, name in named.items()}


def _named(kind: str, ref: str, worded: Worded) -> Iterator[tuple[str, str]]:
    """Pairs of a text's key and the id of the picture beside it."""
    if "picture" in worded:
        yield f"{kind}.{ref}", worded["picture"]
    for block, part in worded.get("blocks", {}).items():
        if "picture" in part:
            yield f"block.{block}", part["picture"]
    for value, picture in worded.get("pictures", {}).items():
        yield f"{'label' if value.isdigit() else 'reason'}.{ref}.{value}", picture
