"""What an earlier `prom reduce` decided and flagged, read from its folder."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ...csv_cells import plain
from ...table_files.raw_table import InvalidTable
from .answer_settings import SUFFIX, AnswerSettings, read_settings
from .answer_table import read_cells

MARK = "about.json"
READ_WITH = "answers" + SUFFIX
SAID = ("flags", "not_assessed")


@dataclass(frozen=True, eq=False)
class EarlierReduction:
    """The decisions of a reduction, a row an item, and where they lie."""

    path: Path
    decisions: pd.DataFrame

    @property
    def settings(self):
        """What the answers were read with; nothing where its file was not kept."""
        beside = self.path.with_name(READ_WITH)
        return read_settings(beside) if beside.is_file() else AnswerSettings()

    @property
    def said(self):
        """Flags of each item and what was not assessed; columns that are there."""
        return self.decisions[[name for name in SAID if name in self.decisions]]

    def kept_of(self, scales):
        """The scales with the items alone that the reduction retains."""
        kept = set(self.decisions.index[self.decisions["decision"] != "removed"])
        left = {name: [i for i in items if i in kept] for name, items in scales.items()}
        empty = [name for name, items in left.items() if not items]
        if empty:
            raise InvalidTable(f"{self.path.name}: no item of {empty[0]} is retained")
        return left

    def notes(self, form, table):
        """What the reduction had against the items of a form, and on which file."""
        notes = []
        for item, row in form.iterrows():
            if row.get("flags"):
                notes.append(
                    f"{item} stands in the form though flagged: {row['flags']}."
                )
        unknown = form.get("not_assessed", pd.Series("", form.index))
        for what, items in unknown[unknown != ""].groupby(unknown).groups.items():
            whom = "all items" if len(items) == len(form) else ", ".join(items)
            notes.append(f"Not assessed of {whom} in the form: {what}.")
        about = self.path.with_name(MARK)
        if about.is_file():
            read = json.loads(about.read_text(encoding="utf-8"))
            now = hashlib.sha256(table.path.read_bytes()).hexdigest()
            if read.get("data_sha256") not in (None, now):
                notes.append(
                    f"{self.path.name} was made from {read.get('source')}, whose "
                    f"answers were other than those of {table.path.name} are."
                )
        return notes


def read_reduction(path):
    """The decisions.csv of a reduction, or what is wrong with it as InvalidTable."""
    path = Path(path)
    table = read_cells(path)
    if not {"item", "decision"} <= set(table):
        raise InvalidTable(f"{path.name}: columns item and decision are needed")
    table["item"] = table["item"].map(plain)
    return EarlierReduction(path, table.set_index("item"))
