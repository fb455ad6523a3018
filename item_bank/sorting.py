"""Under which prerequisite readers file a wording, not told where it belongs."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from item_bank.errors import BankError, Problem
from item_bank.models import PERSPECTIVES, PREREQUISITES, Bank

COLUMNS = ("item", "perspective", "filed")


@dataclass(frozen=True)
class Filed:
    """One wording, and where one reader filed it."""

    item: str  # reference
    perspective: str
    home: str  # the prerequisite that it was written for
    filed: str


@dataclass(frozen=True)
class Sorting:
    """All that was filed in one round."""

    rows: tuple[Filed, ...]

    def of(self, perspective: str) -> "Sorting":
        """The wordings for one perspective."""
        return Sorting(tuple(r for r in self.rows if r.perspective == perspective))

    @property
    def share(self) -> float:
        """Share of the wordings that were filed at home; nan where there is none."""
        n = len(self.rows)
        return (n - len(self.elsewhere)) / n if n else float("nan")

    @property
    def kappa(self) -> float:
        """Cohen's (1960) kappa of home and file: agreement beyond that by chance.

        nan where everything has one home and is filed there.
        """
        n = len(self.rows)
        homes = Counter(row.home for row in self.rows)
        filed = Counter(row.filed for row in self.rows)
        met = sum(homes[name] * filed[name] for name in PREREQUISITES)
        if met == n**2:
            return float("nan")
        return (self.share - met / n**2) / (1 - met / n**2)

    @property
    def elsewhere(self) -> list[Filed]:
        """The wordings that were filed under another prerequisite than their own."""
        return [row for row in self.rows if row.home != row.filed]


def read_sorting(text: str, bank: Bank, *, name: str = "sorting.csv") -> Sorting:
    """Read a table with the columns `item`, `perspective` and `filed`.

    Raises
    ------
    BankError
        Lists every line that names an item, a perspective or a prerequisite that
        there is not.
    """
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise BankError([Problem(name, "line 1", f"no column {', '.join(missing)}")])
    rows, problems = [], []
    for line, row in enumerate(reader, start=2):
        said = _wrong(row["item"], row["perspective"], row["filed"], bank)
        if said:
            problems.append(Problem(name, f"line {line}", said))
            continue
        home = bank.items[row["item"]].prerequisite
        rows.append(Filed(row["item"], row["perspective"], home, row["filed"]))
    if problems:
        raise BankError(problems)
    return Sorting(tuple(rows))


def _wrong(ref: str, perspective: str, filed: str, bank: Bank) -> str:
    item = bank.items.get(ref)
    if item is None:
        return f"there is no item {ref}"
    if perspective not in item.stem:
        return f"{ref} has no wording for {perspective!r}"
    if filed not in PREREQUISITES:
        return f"{filed!r} is none of {', '.join(PREREQUISITES)}"
    return ""


def summary(sorting: Sorting) -> Sequence[str]:
    """Lines of text: the agreement, by perspective, and what was filed elsewhere."""
    lines = [f"{'wordings':14}{'n':>5}{'at home':>9}{'kappa':>7}"]
    groups = [("all", sorting), *((who, sorting.of(who)) for who in PERSPECTIVES)]
    for name, part in groups:
        if part.rows:
            counts = f"{len(part.rows):5}{part.share:9.0%}{part.kappa:7.2f}"
            lines.append(f"{name:14}{counts}")
    for row in sorted(sorting.elsewhere, key=lambda row: (row.home, row.item)):
        lines.append(f"{row.item:42}{row.perspective:14}{row.home} -> {row.filed}")
    return lines
