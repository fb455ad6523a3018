"""A table of answers as variables: what each is called, how it is coded, what counts.

Every format is written from these, so that none knows more than another.
"""

import re
from dataclasses import dataclass, field

WHOLE = re.compile(r"-?\d{1,9}")
MISSING = ("structural", "missing")  # what counts as no answer


@dataclass(frozen=True)
class Variable:
    """One column.

    Attributes
    ----------
    text : str
        The wording of the item, or what the column says.
    labels : dict of str to str
        The label of each code.
    counts_as : dict of str to str
        category, lowest, structural or missing, for the codes of an item.
    scale, version, since_before : str
        Of an item: its scale, the version of its wording, and what became of it
        since the form before.
    is_number : bool
        Whether every cell that is filled holds a whole number.
    """

    name: str
    text: str = ""
    labels: dict = field(default_factory=dict)
    counts_as: dict = field(default_factory=dict)
    scale: str = ""
    version: str = ""
    since_before: str = ""
    is_number: bool = False

    @property
    def missing(self):
        """Codes that stand for no answer. It did not happen is one, and counts."""
        codes = self.counts_as.items() if self.is_item else ()
        return tuple(code for code, counts in codes if counts in MISSING)

    @property
    def is_item(self):
        return "category" in self.counts_as.values()

    @property
    def measure(self):
        """The level of measurement: ordinal, nominal or scale."""
        if self.is_item:
            return "ordinal"
        return "scale" if self.is_number and not self.labels else "nominal"


@dataclass(frozen=True)
class Table:
    """Variables, and rows of cells as text, empty where there is nothing."""

    variables: tuple
    rows: tuple

    @property
    def header(self):
        return [variable.name for variable in self.variables]

    def column(self, place):
        return [row[place] for row in self.rows]


def variables_of(answers, meanings):
    """The table in the rows of answers and those of their codebook, header first."""
    header, *rows = answers
    rows = tuple(tuple("" if c is None else str(c) for c in row) for row in rows)
    known = _by_column(meanings)
    variables = [
        _variable(name, known.get(name, ()), [row[place] for row in rows])
        for place, name in enumerate(header)
    ]
    return Table(tuple(variables), rows)


def _by_column(meanings):
    names, *rows = meanings
    known = {}
    for row in rows:
        cells = dict(zip(names, map(str, row)))
        known.setdefault(cells["column"], []).append(cells)
    return known


def _variable(name, said, cells):
    about = next((row for row in said if not row["code"]), {})
    codes = [row for row in said if row["code"]]
    return Variable(
        name,
        about.get("label", ""),
        {row["code"]: row["label"] for row in codes},
        {row["code"]: row["counts_as"] for row in codes if row["counts_as"]},
        about.get("scale", ""),
        about.get("item_version", ""),
        about.get("since_before", ""),
        _are_numbers(cells) and all(WHOLE.fullmatch(row["code"]) for row in codes),
    )


def _are_numbers(cells):
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(map(WHOLE.fullmatch, filled))
