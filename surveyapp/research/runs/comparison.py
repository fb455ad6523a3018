"""Two runs side by side: what they read, what was chosen, and the figures of both."""

import math
from dataclasses import dataclass

from .choices import Choices, worded

# The columns of a report's tables that say most, as people look for them.
FIGURES = {
    "alpha": "Alpha",
    "ordinal alpha": "Ordinal alpha",
    "omega": "Omega",
    "omega total": "Omega total",
    "omega hierarchical": "Omega hierarchical",
    "icc": "ICC",
    "cfi": "CFI",
    "tli": "TLI",
    "rmsea": "RMSEA",
    "srmr": "SRMR",
    "h": "H",
    "sem": "SEM",
    "sdc": "SDC",
}
SHARES = {"SEM", "SDC"}  # not drawn: every other figure lies between 0 and 1
OF = ("scale", "model")


@dataclass(frozen=True)
class Pair:
    """One figure in both runs; None where a run has none."""

    what: str
    of: str
    first: float | None
    second: float | None

    @property
    def difference(self):
        if self.first is None or self.second is None:
            return None
        return self.second - self.first

    @property
    def is_drawn(self):
        values = (self.first, self.second)
        inside = all(v is not None and 0 <= v <= 1 for v in values)
        return inside and self.what not in SHARES


@dataclass(frozen=True)
class Changed:
    """A criterion whose outcome is not the same in both runs."""

    criterion: str
    first: str
    second: str


@dataclass(frozen=True)
class Comparison:
    same_data: bool
    choices: tuple  # (name, first, second), of what differs
    pairs: tuple
    changed: tuple
    n_alike: int  # criteria with the same outcome

    def measures(self):
        """Pairs by the name of the figure, in the order of the list above."""
        names = dict.fromkeys(pair.what for pair in self.pairs)
        order = [name for name in FIGURES.values() if name in names]
        return {n: [p for p in self.pairs if p.what == n] for n in order}

    @property
    def largest(self):
        """The drawn pair that moved most, or None where nothing moved."""
        moved = [p for p in self.pairs if p.is_drawn and abs(p.difference) >= 0.0005]
        return max(moved, key=lambda pair: abs(pair.difference), default=None)


def compare(first, second, reports):
    """Compare two runs by their records and the report.json of each."""
    found = [figures(report) for report in reports]
    outcomes = [verdicts(report) for report in reports]
    keys = list(dict.fromkeys([*outcomes[0], *outcomes[1]]))
    changed = [
        Changed(key[1], *(each.get(key, "not asked") for each in outcomes))
        for key in keys
        if outcomes[0].get(key) != outcomes[1].get(key)
    ]
    return Comparison(
        same_data=first.fingerprint == second.fingerprint,
        choices=tuple(differing(first, second)),
        pairs=tuple(
            Pair(*key, *(each.get(key) for each in found))
            for key in dict.fromkeys([*found[0], *found[1]])
        ),
        changed=tuple(changed),
        n_alike=len(keys) - len(changed),
    )


def figures(report):
    """(figure, scale or model) -> value, of every table that has a row for each."""
    found = {}
    for section in report["sections"]:
        for rows in section["tables"].values():
            for row in rows:
                found.update(_of_row(row))
    return found


def verdicts(report):
    """(section, criterion) -> outcome."""
    return {
        (section["key"], verdict["criterion"]): verdict["outcome"]
        for section in report["sections"]
        for verdict in section["verdicts"]
    }


def differing(first, second):
    """Name and words of both, of whatever was not the same."""
    pairs = zip(_options(first), _options(second), strict=True)
    for (name, one), (_, other) in pairs:
        if one != other:
            yield name, one, other


def _options(run):
    yield "Campaign", f"{run.campaign.title} (number {run.campaign_id})"
    yield "Perspective", worded(run.perspective)
    yield "Instrument", run.instrument
    yield from Choices.from_kept(run.choices).said()
    yield "Software", run.software_version


def _of_row(row):
    label, of = next(iter(row.items()))
    if label not in OF:
        return
    for column, value in row.items():
        name = FIGURES.get(column.lower().replace("_", " "))
        if name and isinstance(value, (int, float)) and math.isfinite(value):
            yield (name, worded(str(of))), float(value)
