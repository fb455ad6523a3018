"""Reads the codebook that lies beside an export: scales, categories, reasons."""

import csv
from dataclasses import dataclass, field

from ...table_files.raw_table import InvalidTable

NAME = "codebook.csv"


@dataclass(frozen=True)
class Codebook:
    """What the columns and codes of an export mean.

    Attributes
    ----------
    scales : dict of str to list of str
        The items of each scale.
    categories : (int, int)
        Lowest and highest category.
    reasons : dict of str to dict of float to (str, str)
        For each item, the code of each reason: its label, and what it counts as
        (lowest, structural or missing).
    absent : dict of str to set of str
        For columns beside the items, the codes that count as missing.
    columns : frozenset of str
        All that it speaks of.
    """

    scales: dict
    categories: tuple
    reasons: dict
    absent: dict = field(default_factory=dict)
    columns: frozenset = frozenset()

    def known(self, others):
        """The columns beside the items, without codes that stand for no answer."""
        import pandas as pd

        gone = {c: others[c].isin(a) for c, a in self.absent.items() if c in others}
        return others.assign(**{c: others[c].mask(gone[c], pd.NA) for c in gone})

    def apply(self, codes):
        """Turn reasons into the lowest category or a gap, as each item declares."""
        coded = codes.copy()
        for item, reasons in self._reasons_in(codes):
            for code, (_, counts_as) in reasons.items():
                value = self.categories[0] if counts_as == "lowest" else float("nan")
                coded.loc[codes[item] == code, item] = value
        return coded

    def applies(self, codes):
        """False where an item does not apply to a person, or was not asked."""
        table = codes.notna() | True
        for item, reasons in self._reasons_in(codes):
            beside = [c for c, (_, counts) in reasons.items() if counts == "structural"]
            table.loc[codes[item].isin(beside), item] = False
        return table

    def count_reasons(self, codes):
        """How often each reason was given, a row an item; None without reasons."""
        import pandas as pd

        rows = {
            item: {
                f"{label} ({counts_as})": int((codes[item] == code).sum())
                for code, (label, counts_as) in reasons.items()
            }
            for item, reasons in self._reasons_in(codes)
        }
        frame = pd.DataFrame.from_dict(rows, orient="index").fillna(0).astype(int)
        return frame.rename_axis("item") if frame.size else None

    def _reasons_in(self, codes):
        """The reasons of those items that were taken from the table."""
        return [(i, reasons) for i, reasons in self.reasons.items() if i in codes]


def find_codebook(file):
    """The codebook in the folder of `file`, or None where there is none."""
    path = file.parent / NAME
    return read_codebook(path) if path.is_file() else None


def read_codebook(path):
    """Read one codebook; InvalidTable where it is not what `prom export` writes."""
    with open(path, encoding="utf-8-sig", newline="") as lines:
        return codebook_of(list(csv.reader(lines)), path.name)


def codebook_of(rows, name=NAME):
    """The codebook in rows of cells, header first; `name` is that of the file."""
    header, *rows = rows or [[]]
    rows = [dict(zip(header, map(str, row))) for row in rows]
    if not rows or not {"column", "code", "counts_as", "scale"} <= set(rows[0]):
        raise InvalidTable(f"{name}: not a codebook that prom export wrote")
    scales, codes, reasons, absent = {}, set(), {}, {}
    for number, row in enumerate(rows, 2):
        if not row["scale"]:
            if row["counts_as"] == "missing":
                absent.setdefault(row["column"], set()).add(row["code"])
            continue
        members = scales.setdefault(row["scale"], [])
        if row["column"] not in members:
            members.append(row["column"])
            reasons[row["column"]] = {}
        if not row["code"]:
            continue
        code = _whole(name, number, row["code"])
        if row["counts_as"] == "category":
            codes.add(code)
        else:
            reasons[row["column"]][float(code)] = (row["label"], row["counts_as"])
    if not codes:
        raise InvalidTable(f"{name}: no category of any item")
    columns = frozenset(row["column"] for row in rows)
    return Codebook(scales, (min(codes), max(codes)), reasons, absent, columns)


def _whole(name, number, text):
    try:
        return int(text)
    except ValueError as problem:
        raise InvalidTable(
            f"{name}: column code, row {number}: {text!r} is not a whole number"
        ) from problem
