"""The lock: what has been shown to people keeps its words for ever."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import cast

from item_bank.loader import LOCK, read_lock
from item_bank.models import Bank, Instrument, StatusChange, Versioned
from item_bank.yaml_writer import content

# What a person answered depends on these; the rest may still be put right.
LOCKED = {
    "item": ("prerequisite", "stem", "responses", "reasons", "keyed"),
    "response_set": ("labels", "reason_labels"),
    "question": ("text", "hint", "type", "options"),
    "document": ("title", "body", "required", "easy", "parts"),
    "instrument": (
        "perspective",
        "recall",
        "intro",
        "definitions",
        "gate",
        "blocks",
        "scoring",
        "adaptive",
        "booklets",
    ),
    "calibration": ("instrument", "model", "parameters"),
    "companion": ("recall", "items", "labels", "scales", "scoring"),
}
LATER = ("adaptive", "booklets", "easy", "parts")
HEAD = """\
# What was published, and the SHA-256 of its wording, responses and keying.
# Written by `python -m item_bank lock`; a line here is never changed by hand.
"""


def _digest(value: object) -> str:
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def fingerprint(kind: str, record: Versioned) -> str:
    """SHA-256 of what a published record must keep."""
    written = content(record)
    kept = {name: written.get(name) for name in LOCKED[kind]}
    for name in LATER:  # what lacks them keeps the seal it had before there were any
        if kept.get(name, "") is None:
            del kept[name]
    return _digest(kept)


def life_fingerprint(changes: Iterable[StatusChange]) -> str:
    """SHA-256 of the first lines of the life of the items."""
    return _digest([vars(change) for change in changes])


def tables(bank: Bank) -> dict[str, dict[str, Versioned]]:
    """The kinds that can be published, each with its records by reference."""
    by_kind = {
        "item": bank.items,
        "response_set": bank.response_sets,
        "question": bank.questions,
        "document": bank.documents,
        "instrument": bank.instruments,
        "calibration": bank.calibrations,
        "companion": bank.companions,
    }
    return cast("dict[str, dict[str, Versioned]]", by_kind)


def parts(form: Instrument) -> Iterator[tuple[str, Versioned]]:
    """(kind, record) of an instrument and of all that it shows."""
    yield "instrument", form
    for item in form.items:
        yield "item", item
        yield "response_set", item.responses
    for question in form.eligibility + form.questions:
        yield "question", question
    for document in form.documents:
        yield "document", document


def locked(bank: Bank, forms: Iterable[Instrument]) -> dict[str, str]:
    """The lock after publishing `forms`: what it held, and what they add."""
    lines = dict(bank.lock)
    for form in forms:
        for kind, record in parts(form):
            lines.setdefault(f"{kind}/{record.ref}", fingerprint(kind, record))
        if form.adaptive:
            known = bank.calibrations[form.adaptive.calibration]
            name = f"calibration/{known.ref}"
            lines.setdefault(name, fingerprint("calibration", known))
    lines = {name: line for name, line in lines.items() if not name.startswith("life/")}
    lines[f"life/{len(bank.life)}"] = life_fingerprint(bank.life)
    return lines


def add(folder: Path, kind: str, record: Versioned) -> None:
    """Add one line to the lock of a folder, which need not have had one."""
    line = {f"{kind}/{record.ref}": fingerprint(kind, record)}
    write(folder, read_lock(folder) | line)


def write(folder: Path, lines: Mapping[str, str]) -> None:
    """Write the lock file, in alphabetical order."""
    body = "".join(f"{digest}  {name}\n" for name, digest in sorted(lines.items()))
    (folder / LOCK).write_text(HEAD + body, encoding="utf-8")
