"""Records to the content of their files, and to YAML as the bank writes it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from item_bank.contents import Content
from item_bank.models import (
    Block,
    Calibration,
    CompanionMeasure,
    Document,
    Gate,
    Instrument,
    Interview,
    Item,
    Part,
    Question,
    ResponseSet,
    Scoring,
    Versioned,
)

KINDS = {
    ResponseSet: "response_set",
    Item: "item",
    Question: "question",
    Document: "document",
    Instrument: "instrument",
    Calibration: "calibration",
    CompanionMeasure: "companion",
    Interview: "interview",
}
# What a file leaves out: derived, or of the language or edition that is shown.
_NOT_WRITTEN = {"flags", "language", "direction", "edition", "pictures", "steps"}
_OPTIONAL = {
    "exceptions",
    "changes",
    "hint",
    "options",
    "evidence",
    "gate",
    "preferred_involvement",
    "ends",
    "eligibility",
    "findings_left_out",
    "booklets",
    "reserve",
    "context",
    "background",
    "follow_up",
    "required",
    "provenance",
    "adaptive",
    "date",
    "body",
    "easy",
    "parts",
    "promise",
    "variant",
}


def kind_of(record: Versioned) -> str:
    """Which kind of file a record comes from, such as "item"."""
    return KINDS[type(record)]


def content(record: Versioned) -> Content:
    """The content of a record's file, as its schema has it."""
    written = {}
    for entry in fields(record):
        value = getattr(record, entry.name)
        if entry.name in _NOT_WRITTEN or (entry.name in _OPTIONAL and not value):
            continue
        if isinstance(record, Instrument) and entry.name == "adaptive":
            written["type"] = record.type
        written[entry.name] = _WRITERS.get(entry.name, _plain)(value)
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    return value.ref if hasattr(value, "ref") else value


def _gate(gate: Gate) -> Content:
    shown = {"id": gate.id, "text": gate.text, "options": dict(gate.options)}
    shown["when_no"] = gate.prerequisite
    if gate.when_not_sure != "asked":
        shown["when_not_sure"] = gate.when_not_sure
    if gate.follow_up is not None:
        shown["follow_up"] = _plain(vars(gate.follow_up))
    return shown


def _blocks(blocks: Iterable[Block]) -> list[Content]:
    names = ("id", "prerequisite", "title", "intro", "items")
    return [{name: _plain(getattr(b, name)) for name in names} for b in blocks]


def _scoring(scoring: Scoring | str) -> str | Content:
    if isinstance(scoring, str):
        return scoring
    return {"method": scoring.method, "min_share": scoring.min_share}


def _parts(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    """Each passage of a notice, without conditions that hold for all."""
    return [{k: _plain(v) for k, v in vars(part).items() if v} for part in parts]


_WRITERS: Mapping[str, Callable[[Any], Any]] = {
    "gate": _gate,
    "blocks": _blocks,
    "scoring": _scoring,
    "adaptive": vars,
    "parts": _parts,
}


def dump(record: Versioned) -> str:
    """A record as the YAML of its file: strings quoted, fields in order."""
    return to_yaml(content(record))


def to_yaml(mapping: Content) -> str:
    """Plain YAML of nested mappings and lists, every string in double quotes."""
    return "\n".join(_lines(mapping, 0)) + "\n"


def _lines(value: Mapping[str, object] | Iterable[object], depth: int) -> Iterator[str]:
    pad = "  " * depth
    entries = value.items() if isinstance(value, dict) else ((None, v) for v in value)
    for key, part in entries:
        lead = f"{pad}-" if key is None else f"{pad}{_key(key)}:"
        if not isinstance(part, (dict, list)) or not part:
            yield f"{lead} {json.dumps(part, ensure_ascii=False)}"
        elif key is None:
            first, *rest = _lines(part, depth + 1)
            yield f"{pad}- {first.strip()}"
            yield from rest
        else:
            yield lead
            yield from _lines(part, depth + 1)


def _key(key: str) -> str:
    plain = key.isidentifier() and key not in ("yes", "no", "on", "off", "true", "null")
    return key if plain else json.dumps(key, ensure_ascii=False)
