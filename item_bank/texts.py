"""Every text of an instrument under one key, to be read out or replaced.

Translations and the formats of other systems both need the words of a form
apart from its bones; this is the one place that knows where words stand.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias, TypeVar

from item_bank.contents import Worded, Words
from item_bank.models import (
    Block,
    Document,
    Gate,
    GateFollowUp,
    Instrument,
    Item,
    Question,
    ResponseSet,
    Versioned,
)

# (key, text) -> the words to stand there.
Change: TypeAlias = Callable[[str, str], str]
Key = TypeVar("Key", str, int)


def mapped(form: Instrument, change: Change) -> Instrument:
    """The same instrument with each text replaced by ``change(key, text)``."""
    sets, who = {}, form.perspective

    def item(entry: Item) -> Item:
        held = entry.responses
        if held.ref not in sets:
            sets[held.ref] = _responses(held, change)
        words = change(f"item.{entry.ref}", entry.stem[who])
        return replace(entry, responses=sets[held.ref], stem={**entry.stem, who: words})

    def question(entry: Question) -> Question:
        return _question(entry, who, change)

    return replace(
        form,
        title=change("title", form.title),
        recall=change("recall", form.recall),
        intro=change("intro", form.intro),
        definitions=_each("definition", form.definitions, change),
        gate=form.gate and _gate(form.gate, change),
        blocks=tuple(
            replace(
                block,
                title=change(_key(block, "title"), block.title),
                intro=change(_key(block, "intro"), block.intro),
                items=tuple(map(item, block.items)),
            )
            for block in form.blocks
        ),
        preferred_involvement=form.preferred_involvement
        and question(form.preferred_involvement),
        eligibility=tuple(map(question, form.eligibility)),
        context=tuple(map(question, form.context)),
        background=tuple(map(question, form.background)),
        follow_up=tuple(map(question, form.follow_up)),
        documents=tuple(_document(document, change) for document in form.documents),
    )


def _each(key: str, words: Mapping[Key, str], change: Change) -> dict[Key, str]:
    return {name: change(f"{key}.{name}", text) for name, text in words.items()}


def _responses(entry: ResponseSet, change: Change) -> ResponseSet:
    return replace(
        entry,
        labels=_each(f"label.{entry.ref}", entry.labels, change),
        reason_labels=_each(f"reason.{entry.ref}", entry.reason_labels, change),
    )


def _gate(gate: Gate, change: Change) -> Gate:
    return replace(
        gate,
        text=change("gate.text", gate.text),
        options=_each("gate.option", gate.options, change),
        follow_up=gate.follow_up and _gate_follow_up(gate.follow_up, change),
    )


def _gate_follow_up(entry: GateFollowUp, change: Change) -> GateFollowUp:
    text = change("gate.follow_up.text", entry.text)
    options = _each("gate.follow_up.option", entry.options, change)
    return replace(entry, text=text, options=options)


def _question(entry: Question, who: str, change: Change) -> Question:
    hint = change(f"hint.{entry.ref}", entry.hint) if entry.hint else ""
    return replace(
        entry,
        text={**entry.text, who: change(f"question.{entry.ref}", entry.text[who])},
        hint=hint,
        options=_each(f"option.{entry.ref}", entry.options, change),
    )


def _document(entry: Document, change: Change) -> Document:
    return replace(
        entry,
        title=change(f"document.{entry.ref}.title", entry.title),
        body=change(f"document.{entry.ref}.body", entry.body),
    )


def texts(form: Instrument) -> Words:
    """Key -> text, of everything in the form that a person may be shown."""
    seen: Words = {}

    def note(key: str, text: str) -> str:
        seen[key] = text
        return text

    mapped(form, note)
    return seen


def _key(block: Block, name: str) -> str:
    return name if block.is_mixed else f"block.{block.id}.{name}"


def with_texts(form: Instrument, words: Mapping[str, str]) -> Instrument:
    """The form with the texts of `words`; keys that it lacks stay as they are."""
    return mapped(form, lambda key, text: words.get(key, text))


# For each kind: the fields to be translated. Those of a file must match exactly.
FIELDS = {
    "item": ("stem",),
    "response_set": ("labels", "reason_labels"),
    "question": ("text", "hint", "options"),
    "document": ("title", "body"),
    "instrument": ("title", "recall", "intro", "definitions", "gate", "blocks"),
}


def source_text(kind: str, record: Versioned) -> Worded:
    """What there is to translate of a record, with the keys it must keep."""
    if isinstance(record, Instrument):
        return _form_text(record)
    values = {name: getattr(record, name) for name in FIELDS[kind]}
    return {
        name: (
            {str(k): v for k, v in value.items()} if isinstance(value, dict) else value
        )
        for name, value in values.items()
        if value
    }


def _form_text(form: Instrument) -> Worded:
    text = {name: getattr(form, name) for name in ("title", "recall", "intro")}
    text["definitions"] = dict(form.definitions)
    if form.gate:
        text["gate"] = {"text": form.gate.text, "options": dict(form.gate.options)}
        if form.gate.follow_up:
            asked = form.gate.follow_up
            told = {"text": asked.text, "options": dict(asked.options)}
            text["gate"]["follow_up"] = told
    text["blocks"] = {b.id: {"title": b.title, "intro": b.intro} for b in form.blocks}
    return text
