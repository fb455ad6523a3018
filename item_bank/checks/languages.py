"""Rules about translations: nothing added, nothing left out, nothing moved."""

from item_bank import lock
from item_bank.checks.registry import rule
from item_bank.errors import Problem

# For each kind: the fields to be translated. Those of a file must match exactly.
FIELDS = {
    "item": ("stem",),
    "response_set": ("labels", "reason_labels"),
    "question": ("text", "hint", "options"),
    "document": ("title", "body"),
    "instrument": ("title", "recall", "intro", "definitions", "gate", "blocks"),
}


def source_text(kind, record):
    """What there is to translate of a record, with the keys it must keep."""
    if kind == "instrument":
        return _form_text(record)
    values = {name: getattr(record, name) for name in FIELDS[kind]}
    return {
        name: (
            {str(k): v for k, v in value.items()} if isinstance(value, dict) else value
        )
        for name, value in values.items()
        if value
    }


def _form_text(form):
    text = {name: getattr(form, name) for name in ("title", "recall", "intro")}
    text["definitions"] = dict(form.definitions)
    if form.gate:
        text["gate"] = {"text": form.gate.text, "options": dict(form.gate.options)}
    text["blocks"] = {b.id: {"title": b.title, "intro": b.intro} for b in form.blocks}
    return text


def _shape(value):
    """The keys of nested text, to be compared between languages."""
    if isinstance(value, dict):
        return {key: _shape(part) for key, part in value.items()}
    return None


@rule
def check_translation(bank):
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


def _differences(source, text):
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
