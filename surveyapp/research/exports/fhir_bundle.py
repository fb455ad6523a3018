"""The answers of an export as a bundle of FHIR R4 QuestionnaireResponse."""

import json

from ... import bank
from ...assessments.codes import REASON_CODES

REASONS = {str(code): reason for reason, code in REASON_CODES.items()}


def text(table, instrument):
    """The bundle in the rows of a long table, as JSON.

    The year is all that is said of when; what was settled, not asked or unclear on
    paper is no answer and stands in none. Answers to another variant of the form stand
    in none either: the questionnaire that they would point to says other words.
    """
    every = [dict(zip(table.header, row)) for row in table.rows]
    as_published = ("", None, bank.AS_PUBLISHED)
    kept = [cells for cells in every if cells.get("variant") in as_published]
    made = [_answered(cells, instrument) for cells in kept]
    return json.dumps(bank.fhir_responses(instrument, made), indent=1) + "\n"


def _answered(cells, instrument):
    """What `bank.fhir_responses` takes of one row."""
    items = {}
    for item in instrument.items:
        said = _said(cells.get(item.id, ""), item)
        if said is not None:
            items[item.id] = said
    return {
        "person": cells["person"],
        "wave": int(cells["wave"]),
        "authored": cells["quarter"][:4],
        "items": items,
        "questions": {
            name: [code for code in cell.split(";") if code]
            for name, cell in cells.items()
            if name not in items
        },
    }


def _said(cell, item):
    """The value of a category, the name of a reason, or None."""
    if cell in REASONS:
        return REASONS[cell] if REASONS[cell] in item.reasons else None
    is_category = cell.isdigit() and int(cell) in item.responses.labels
    return int(cell) if is_category else None
