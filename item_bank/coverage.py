"""Which finding is asked about by which item: the matrix behind the bank."""

from collections import Counter, defaultdict
from typing import TypedDict

from item_bank.models import PREREQUISITES, Bank, Instrument, Item, Question


class CoverageRow(TypedDict):
    """One finding for one perspective: who said it, and which items ask it."""

    prerequisite: str
    finding: str
    says: str
    perspective: str
    strength: str
    items: tuple[str, ...]
    left_out: str


def asked(bank: Bank) -> dict[tuple[str, str], list[str]]:
    """(finding id, perspective) -> references of the items and questions asking.

    A retired item no longer asks anything.
    """
    asking: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    records: list[tuple[Item | Question, dict[str, str]]] = [
        (item, item.stem) for item in bank.items.values()
    ]
    records += [(question, question.text) for question in bank.questions.values()]
    for record, wordings in records:
        if bank.status(record.ref) == "retired":
            continue
        for name in record.evidence:
            for perspective in wordings:
                asking[name, perspective].append(record.ref)
    return dict(asking)


def findings_for(bank: Bank, form: Instrument) -> list[str]:
    """Ids of the findings about the people of `form` that the bank asks them of."""
    people = form.perspective
    asking = asked(bank)
    return [
        finding.id
        for finding in bank.findings.values()
        if people in finding.perspectives and asking.get((finding.id, people))
    ]


class BlueprintRow(TypedDict):
    """One prerequisite of one form: where its items lie, which findings they ask."""

    prerequisite: str
    low: int
    middle: int
    high: int
    current: int
    process: int
    outcome: int
    findings: tuple[str, ...]
    left_out: tuple[str, ...]


def blueprint(bank: Bank, form: Instrument) -> list[BlueprintRow]:
    """Findings by form, facet and location: one row a prerequisite, then `context`.

    `low`, `middle`, `high` count items by how much involvement it takes to agree,
    `current`, `process` and `outcome` by what they are about; `findings` are those
    that items or questions of the form rest on, `left_out` those of the same people
    that this form does not ask about.
    """
    rows: list[BlueprintRow] = []
    wanted = findings_for(bank, form)
    for name in (*PREREQUISITES, "context"):
        items = [item for item in form.items if item.prerequisite == name]
        level = Counter(item.level for item in items)
        facet = Counter(item.facet for item in items)
        own = [f for f in wanted if bank.findings[f].prerequisite == name]
        rows.append(
            {
                "prerequisite": name,
                "low": level["low"],
                "middle": level["middle"],
                "high": level["high"],
                "current": facet["current"],
                "process": facet["process"],
                "outcome": facet["outcome"],
                "findings": tuple(f for f in own if f in form.evidence),
                "left_out": tuple(f for f in own if f not in form.evidence),
            }
        )
    return rows


def matrix(bank: Bank) -> list[CoverageRow]:
    """One row a finding and perspective: who said it, which items ask it.

    Returns
    -------
    list of dict
        With the keys prerequisite, finding, says, perspective, strength, items
        and left_out; in the order of the prerequisites.
    """
    asking = asked(bank)
    order = {name: place for place, name in enumerate([*PREREQUISITES, "context"])}
    findings = sorted(bank.findings.values(), key=lambda f: order[f.prerequisite])
    return [
        {
            "prerequisite": finding.prerequisite,
            "finding": finding.id,
            "says": finding.says,
            "perspective": perspective,
            "strength": said_by["strength"],
            "items": tuple(asking.get((finding.id, perspective), ())),
            "left_out": said_by.get("left_out", ""),
        }
        for finding in findings
        for perspective, said_by in finding.perspectives.items()
    ]
