"""Two runs side by side: what they read, what was chosen, and the figures of both."""

import math
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from ...models import Assessment, KeyedForm
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
OPEN_ENDED = {"SEM", "SDC"}  # every other figure lies between 0 and 1
OF = ("scale", "model")


@dataclass(frozen=True)
class Pair:
    """One figure that both runs have."""

    what: str
    of: str
    first: float
    second: float

    @property
    def difference(self):
        return self.second - self.first

    @property
    def is_drawn(self):
        inside = 0 <= self.first <= 1 and 0 <= self.second <= 1
        return inside and self.what not in OPEN_ENDED


@dataclass(frozen=True)
class Changed:
    """A criterion whose outcome is not the same in both runs."""

    criterion: str
    first: str
    second: str


@dataclass(frozen=True)
class Comparison:
    """What two runs have in common, and what only one of them has.

    `choices` are (name, first, second) of what differs; `n_alike` counts the criteria
    with the same outcome; `alone` and `asked_alone` are pairs, for the first and the
    second run, of the figures' names and of how many criteria only it has; `plans`
    says whether both had the same plan.
    """

    same_data: bool
    choices: tuple
    pairs: tuple
    changed: tuple
    n_alike: int
    alone: tuple
    asked_alone: tuple
    plans: str = ""

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


def n_changed(session, first, second):
    """How many people's answers only one of two runs can have read, at least.

    None of the other campaigns and perspectives: who answers them is somebody else.
    """
    same_people = (first.campaign_id, first.perspective) == (
        second.campaign_id,
        second.perspective,
    )
    if not same_people or first.fingerprint == second.fingerprint:
        return 0
    since, until = sorted((first.asked_at, second.asked_at))
    came = func.coalesce(KeyedForm.settled_at, Assessment.submitted_at)
    query = (
        select(func.count(Assessment.id.distinct()))
        .outerjoin(KeyedForm, KeyedForm.assessment_id == Assessment.id)
        .where(
            Assessment.campaign_id == first.campaign_id,
            Assessment.perspective == first.perspective,
            or_(
                and_(came > since, came <= until),
                and_(Assessment.withdrawn_at > since, Assessment.withdrawn_at <= until),
            ),
        )
    )
    more = abs((first.n_assessments or 0) - (second.n_assessments or 0))
    return max(session.scalar(query), more)


def compare(first, second, reports):
    """Compare two runs by their records and the report.json of each."""
    one, other = (figures(report) for report in reports)
    said, said_then = (verdicts(report) for report in reports)
    both = [key for key in said if key in said_then]
    changed = [
        Changed(key[1], said[key], said_then[key])
        for key in both
        if said[key] != said_then[key]
    ]
    return Comparison(
        same_data=first.fingerprint == second.fingerprint,
        choices=tuple(differing(first, second)),
        pairs=tuple(Pair(*key, one[key], other[key]) for key in one if key in other),
        changed=tuple(changed),
        n_alike=len(both) - len(changed),
        alone=(_rest(one, other), _rest(other, one)),
        asked_alone=(len(said) - len(both), len(said_then) - len(both)),
        plans=_plans(first, second),
    )


def figures(report):
    """(figure, scale or model) -> value, of every table that has a row for each."""
    found = {}
    for section in report["sections"]:
        for rows in section["tables"].values():
            for row in rows:
                for key, value in _of_row(row):
                    found.setdefault(key, value)
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


def _plans(first, second):
    """A sentence on whether both runs had the same plan; empty if neither had one."""
    having = [run for run in (first, second) if run.plan is not None]
    if not having:
        return ""
    if len(having) == 1:
        return f"Only run {having[0].id} has a plan."
    same = first.plan.sha256 == second.plan.sha256
    return "Both have the same plan." if same else "They have different plans."


def _rest(these, those):
    """Whose figures are only among `these`: names of scales and models."""
    return tuple(dict.fromkeys(of for what, of in these if (what, of) not in those))


def _options(run):
    yield "Campaign", f"{run.campaign.title} (number {run.campaign_id})"
    yield "Perspective", worded(run.perspective)
    yield "Instrument", run.instrument
    yield from Choices.from_kept(run.choices).said()
    yield "Plan", _fingerprint(run.plan)
    yield "Population table", _fingerprint(run.population)
    yield "Software", run.software_version


def _fingerprint(attachment):
    return f"SHA-256 {attachment.sha256}" if attachment else "None"


def _of_row(row):
    label, of = next(iter(row.items()))
    if label not in OF:
        return
    for column, value in row.items():
        name = FIGURES.get(column.lower().replace("_", " "))
        if name and isinstance(value, (int, float)) and math.isfinite(value):
            yield (name, worded(str(of))), float(value)
