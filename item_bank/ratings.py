"""Ratings of content by people with lived experience and by professionals."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from item_bank.errors import BankError, Problem
from item_bank.models import PREREQUISITES, Bank

COLUMNS = ("rater", "group", "about", "relevance", "clarity", "complete", "comment")
GROUPS = ("lived_experience", "professional")
SCALES = ("relevance", "clarity", "complete")
ENDORSED = 3  # of 4
WANTED = 0.85  # share of raters below which an item is flagged


@dataclass(frozen=True)
class Rating:
    """What one rater said about one item, or about one prerequisite."""

    rater: str
    group: str
    about: str  # an item reference, or the name of a prerequisite
    relevance: int | None
    clarity: int | None
    complete: int | None  # prerequisites: do its items cover it?
    comment: str


class Endorsement(TypedDict):
    """The share of `n` raters who gave 3 or 4 of 4 on one scale."""

    about: str
    scale: str
    n: int
    share: float
    is_low: bool


@dataclass(frozen=True)
class Ratings:
    """All ratings of one round."""

    rows: tuple[Rating, ...]

    def raters(self, *, group: str | None = None) -> tuple[str, ...]:
        """The raters, or those of one group, in alphabetical order."""
        return tuple(
            sorted({row.rater for row in self.rows if group in (None, row.group)})
        )

    def table(
        self, scale: str, *, group: str | None = None
    ) -> dict[str, list[int | None]]:
        """One list for each item or prerequisite, one place for each rater.

        A rater who left it open has None. As a frame of raters x items this is
        what `psychometrics.content_validity` takes.
        """
        raters = self.raters(group=group)
        given = {
            (row.about, row.rater): getattr(row, scale)
            for row in self.rows
            if getattr(row, scale) is not None
        }
        subjects = dict.fromkeys(about for about, _ in given)
        return {about: [given.get((about, r)) for r in raters] for about in subjects}

    def percentages(self, *, group: str | None = None) -> list[Endorsement]:
        """Share of raters who endorse each item, as COSMIN asks it of development.

        Returns
        -------
        list of dict
            With the keys about, scale, n, share and is_low: n raters gave an
            answer, `share` of them 3 or 4 of 4, and is_low says below 85 %.
        """
        return [
            _share(about, scale, [value for value in values if value is not None])
            for scale in SCALES
            for about, values in self.table(scale, group=group).items()
            if any(value is not None for value in values)
        ]


def _share(about: str, scale: str, values: Sequence[int]) -> Endorsement:
    share = sum(value >= ENDORSED for value in values) / len(values)
    return {
        "about": about,
        "scale": scale,
        "n": len(values),
        "share": share,
        "is_low": share < WANTED,
    }


def read_ratings(text: str, bank: Bank, *, name: str = "ratings.csv") -> Ratings:
    """Ratings from the text of a CSV file; every problem is told with its row.

    The columns are rater, group, about, relevance, clarity, complete and
    comment. `about` is an item, rated 1 to 4 for relevance and clarity, or a
    prerequisite, rated 1 to 4 for how completely its items cover it. Raters
    have a code, never a name. An empty cell is a rating not given.

    Raises
    ------
    BankError
        If a column is missing, or a row has what cannot be read.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        said = f"has no column {', '.join(missing)}"
        raise BankError([Problem(name, "row 1", said, "ratings")])
    ratings: list[Rating] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows, 2):
        wrong = list(_wrong(row, bank, seen))
        problems += [Problem(name, f"row {number}", said, "ratings") for said in wrong]
        seen.setdefault((row["rater"], row["about"]), number)
        if not wrong:
            numbers = {s: int(row[s]) if row[s].strip() else None for s in SCALES}
            words = {c: row[c].strip() for c in COLUMNS if c not in SCALES}
            ratings.append(
                Rating(
                    rater=words["rater"],
                    group=words["group"],
                    about=words["about"],
                    relevance=numbers["relevance"],
                    clarity=numbers["clarity"],
                    complete=numbers["complete"],
                    comment=words["comment"],
                )
            )
    if problems:
        raise BankError(problems)
    if not ratings:
        raise BankError([Problem(name, "row 2", "there is no rating", "ratings")])
    return Ratings(tuple(ratings))


def _wrong(
    row: Mapping[str, str], bank: Bank, seen: Mapping[tuple[str, str], int]
) -> Iterator[str]:
    """What cannot be read in one row."""
    if None in row.values() or None in row:
        yield f"has not the {len(COLUMNS)} cells of the first row"
        return
    about = row["about"].strip()
    asked: tuple[str, ...] = SCALES
    if about in bank.items:
        asked = ("relevance", "clarity")
    elif about in PREREQUISITES:
        asked = ("complete",)
    else:
        yield f"{about!r} is neither an item nor a prerequisite"
    if row["group"].strip() not in GROUPS:
        yield f"group is {row['group']!r}; it is one of {', '.join(GROUPS)}"
    if not row["rater"].strip():
        yield "rater is empty; give each rater a code"
    if (row["rater"], row["about"]) in seen:
        first = seen[row["rater"], row["about"]]
        yield f"{row['rater']} rated {about} in row {first} already"
    for scale in SCALES:
        cell = row[scale].strip()
        if cell and cell not in ("1", "2", "3", "4"):
            yield f"{scale} is {cell!r}; it is a whole number from 1 to 4"
        elif cell and scale not in asked:
            yield f"{scale} is not asked of {about}"
