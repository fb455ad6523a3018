"""Which item of one form is which item of another, and what became of its words."""

from typing import TypedDict

from item_bank.models import Instrument, Item

# Scores of the first may be compared as they stand; the second as far as its answers.
RELATIONS = {
    "same": "same words, same answers",
    "other_answers": "same words, other answers to choose from",
    "reworded": "other words",
    "new": "only in the newer form",
    "dropped": "only in the older form",
}


class CrosswalkRow(TypedDict):
    """One item of either form: its two references and how they are related."""

    item: str
    prerequisite: str
    older: str  # reference in the older form, empty where it has none
    newer: str
    relation: str  # one of RELATIONS
    changes: str  # what changed, as the newer version says it


def crosswalk(older: Instrument, newer: Instrument) -> list[CrosswalkRow]:
    """One row an item of either form, in the order of the newer, then what was dropped.

    Two versions of an item are `same` where wording, categories, their labels and the
    coding of reasons are; the wording is that of each form's own perspective.
    """
    before = {item.id: item for item in older.items}
    rows: list[CrosswalkRow] = []
    for item in newer.items:
        old = before.pop(item.id, None)
        row = _row(item, _relation(older, old, newer, item))
        changed = item.changes if old and old.ref != item.ref else ""
        rows.append({**row, "older": old.ref if old else "", "changes": changed})
    dropped = [_row(item, "dropped") for item in before.values()]
    return rows + [{**row, "older": row["newer"], "newer": ""} for row in dropped]


def _row(item: Item, relation: str) -> CrosswalkRow:
    return {
        "item": item.id,
        "prerequisite": item.prerequisite,
        "older": "",
        "newer": item.ref,
        "relation": relation,
        "changes": "",
    }


def _relation(older: Instrument, old: Item | None, newer: Instrument, new: Item) -> str:
    if old is None:
        return "new"
    if older.stem(old) != newer.stem(new):
        return "reworded"
    is_same = (
        old.responses.labels == new.responses.labels and old.reasons == new.reasons
    )
    return "same" if is_same else "other_answers"
