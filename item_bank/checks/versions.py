"""Rules about versions, the life of items, and what was published."""

from collections.abc import Iterator
from datetime import date

from item_bank import lock
from item_bank.checks.registry import found, rule
from item_bank.contents import Note
from item_bank.errors import Problem
from item_bank.loader import FOLDERS
from item_bank.models import Bank, Item

LIFE = "life.yaml"
NEXT = {
    None: {"candidate"},
    "candidate": {"piloted", "retired"},
    "piloted": {"retained", "retired"},
    "retained": {"retired"},
    "retired": set(),
}


@rule
def check_file_name(bank: Bank) -> Iterator[Problem]:
    """A file is named after its reference and lies in its folder."""
    for kind, table in lock.tables(bank).items():
        for record in table.values():
            middle = f"{record.prerequisite}/" if isinstance(record, Item) else ""
            expected = f"{FOLDERS[kind]}/{middle}{record.ref}.yaml"
            if bank.files[kind, record.ref] != expected:
                yield found(bank, kind, record, "id", f"belongs in {expected}")


@rule
def check_version(bank: Bank) -> Iterator[Problem]:
    """A new version follows the one before it and says what changed."""
    for item in bank.items.values():
        if item.version == 1:
            continue
        before = bank.items.get(f"{item.id}.v{item.version - 1}")
        if before is None:
            said = f"there is no version {item.version - 1} of it"
            yield found(bank, "item", item, "version", said)
        if not item.changes:
            yield found(bank, "item", item, "changes", "say what changed, and why")


@rule
def check_one_version(bank: Bank) -> Iterator[Problem]:
    """A form asks each item in one version, none of them retired."""
    for form in bank.instruments.values():
        if f"instrument/{form.ref}" in bank.lock:
            continue  # an old form keeps the items that it was given with
        for item in form.items:
            if bank.status(item.ref) == "retired":
                said = f"{item.ref} is retired"
                yield found(bank, "instrument", form, "blocks", said)


@rule
def check_life(bank: Bank) -> Iterator[Problem]:
    """Every item has a life; its dates rise and its steps follow each other."""
    now: dict[str, str] = {}
    latest = ""
    for at, change in enumerate(bank.life):
        place = f"changes.{at}"
        if change.item not in bank.items and change.item not in bank.unread:
            yield Problem(LIFE, f"{place}.item", f"there is no item {change.item}")
        if not _is_date(change.date) or change.date < latest:
            said = f"{change.date} is no date, or comes before the line above"
            yield Problem(LIFE, f"{place}.date", said)
        latest = max(latest, change.date)
        before = now.get(change.item)
        if change.status not in NEXT[before]:
            said = (
                f"{change.item} cannot go from {before or 'nothing'} to {change.status}"
            )
            yield Problem(LIFE, f"{place}.status", said)
        now[change.item] = change.status
    for ref in sorted(set(bank.items) - set(now)):
        said = f"add a line: {{item: {ref}, status: candidate, date: ..., reason: ...}}"
        yield Problem(LIFE, "changes", said)


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


@rule
def check_published(bank: Bank) -> Iterator[Problem]:
    """What is in the lock is in the bank, word for word."""
    held = lock.tables(bank)
    for name, digest in sorted(bank.lock.items()):
        kind, _, ref = name.partition("/")
        if kind == "life":
            yield from _life_rewritten(bank, int(ref), digest)
        elif ref in bank.unread:
            continue
        elif ref not in held.get(kind, {}):
            said = f"{name} was published and is gone; bring its file back"
            yield Problem("published.lock", name, said)
        elif lock.fingerprint(kind, held[kind][ref]) != digest:
            said = "was published and has changed; restore it and write a new version"
            yield found(bank, kind, held[kind][ref], "", said)


def _life_rewritten(bank: Bank, count: int, digest: str) -> Iterator[Problem]:
    if lock.life_fingerprint(bank.life[:count]) != digest:
        said = (
            f"one of its first {count} lines was changed; add lines at the end instead"
        )
        yield Problem(LIFE, "changes", said)


@rule
def check_interview(bank: Bank) -> Iterator[Problem]:
    """A change that an interview led to can be found in the bank."""
    for log in bank.interviews.values():
        for at, note in enumerate(log.notes):
            said = _untraceable(bank, note)
            if said:
                yield found(bank, "interview", log, f"notes.{at}.change", said)


def _untraceable(bank: Bank, note: Note) -> str:
    """Why the change of one note cannot be followed, or nothing."""
    old, new = bank.items[note["item"]], bank.items.get(note.get("becomes", ""))
    if note["change"] in ("reworded", "responses_changed") and new is None:
        return "name the version it became"
    if new is not None and (new.id != old.id or new.version <= old.version):
        return f"{new.ref} is no later version of {old.ref}"
    if note["change"] == "retired" and bank.status(old.ref) != "retired":
        return f"{old.ref} is not retired in {LIFE}"
    return ""
