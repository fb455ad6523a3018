"""What became of each item since the version of the form before, for an export.

Answers to two versions may be laid side by side item by item only where words and
answers are the same, so the file of an export says where they are.
"""

from ... import bank
from ...csv_cells import csv_text, neutral

NAME = "crosswalk.csv"
COLUMN = "since_before"  # of the codebook
HEADER = ["item", "prerequisite", "form_before", "item_before", "item_now", "relation"]
HEADER += ["changes"]


def relations(instrument):
    """Item id -> same, other_answers, reworded or new; empty of a first form."""
    for before in bank.forms_before(instrument):
        rows = bank.crosswalk(before, instrument)
        return {row["item"]: row["relation"] for row in rows if row["newer"]}
    return {}


def with_relations(meanings, instrument):
    """Rows of a codebook, header first, with a column for it in the rows of items."""
    since = relations(instrument)
    names, *rows = meanings
    said = (since.get(row[0], "") if row[1] == "" else "" for row in rows)
    return [[*names, COLUMN], *([*row, each] for row, each in zip(rows, said))]


def files(instrument):
    """A table of the items since each form before, by name; none of a first form."""
    rows = [
        [r["item"], r["prerequisite"], before.ref, r["older"], r["newer"]]
        + [r["relation"], neutral(r["changes"])]
        for before in bank.forms_before(instrument)
        for r in bank.crosswalk(before, instrument)
    ]
    return {NAME: csv_text([HEADER, *rows])} if rows else {}
