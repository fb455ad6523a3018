"""Which finding is asked about by which item: the matrix behind the bank."""

from collections import defaultdict
from typing import TypedDict

from item_bank.models import PREREQUISITES, Bank, Item, Question


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
