"""What each column of an imported file holds, and the table that says so."""

from dataclasses import dataclass

from ..assessments import companions
from ..assessments.codes import (
    CODES,
    GATE_CODES,
    NO_PLAN,
    NOT_ASKED,
    UNCLEAR_LABELS,
)
from ..assessments.labels import HELPERS
from ..assessments.questions import whole_form
from ..bank import PERSPECTIVES
from ..csv_cells import csv_text, neutral
from ..models.assessment import CARE_PLANS
from ..models.campaign import MODES

# Column -> whether it is needed, and what stands in it.
ABOUT = {
    "person": (False, "Any name for a person that is the same in every row of theirs"),
    "team": (False, "Name of the team, or its number in this trust"),
    "date": (False, "Day of answering: 2025-03-27 or 27/03/2025; needed, or quarter"),
    "quarter": (False, "Such as 2025Q1, where the day is not known"),
    "wave": (False, "1 for the first time, 2 for the retest, and so on; 1 if empty"),
    "perspective": (True, ", ".join(PERSPECTIVES)),
    "mode": (True, ", ".join(MODES)),
    "assisted_by": (False, ", ".join(HELPERS)),
    "language": (False, "Language of the form, such as en; en if empty"),
    "care_plan": (False, ", ".join(CARE_PLANS)),
    "wants_plan": (False, "Whether who has no plan wants one: yes, no, not_sure"),
    "synthetic": (False, "1 where the answers are made up"),
    "item_order": (False, "as_printed, rotated, mixed or booklets, as in an export"),
    "first_part": (False, "The prerequisite that was asked about first"),
    "booklet": (False, "The number of the booklet, where there were booklets"),
    "variant": (False, "The letter of the variant, where two were given; else empty"),
}
NAMES_OF_CODES = {str(code): reason for reason, code in CODES.items()}


@dataclass(frozen=True)
class Form:
    """The instrument of one perspective, with what its cells may hold.

    `cells` is item id -> text of a cell -> (value, reason); a cell that says why an
    item was not asked has neither.
    """

    instrument: object
    cells: dict
    questions: dict


def forms_of(campaign):
    """Perspective -> Form, as the campaign gives them."""
    more = companions.questions(companions.measures(campaign))
    return {
        perspective: _form(whole_form(campaign, perspective), more)
        for perspective in campaign.perspectives
    }


def _form(instrument, more=()):
    preferred = instrument.preferred_involvement
    beside = [*([preferred] if preferred else [])]
    beside += [
        *instrument.context,
        *instrument.background,
        *instrument.follow_up,
        *more,
    ]
    return Form(
        instrument,
        {item.id: _cells(instrument, item) for item in instrument.items},
        {question.id: question for question in beside},
    )


def _cells(instrument, item):
    known = {str(value): (value, None) for value in item.responses.values}
    for code, reason in NAMES_OF_CODES.items():
        if reason in item.reasons or reason in UNCLEAR_LABELS:
            known[code] = known[reason] = (None, reason)
    if instrument.gate and item.id in instrument.gate.when_no:
        known |= dict.fromkeys(map(str, GATE_CODES), (None, None))
    known[str(NOT_ASKED)] = (None, None)
    return known


def item_columns(forms):
    """Every item of any perspective, in the order of the forms."""
    return list(dict.fromkeys(i for form in forms.values() for i in form.cells))


def columns_of(campaign):
    """Every column that is read, whatever the perspective."""
    forms = forms_of(campaign)
    return [*ABOUT, *item_columns(forms), *question_columns(forms)]


def question_columns(forms):
    return list(dict.fromkeys(q for form in forms.values() for q in form.questions))


def template(campaign):
    """An empty file with every column that can be filled."""
    forms = forms_of(campaign)
    about = [name for name in ABOUT if name not in ("quarter", "synthetic")]
    return csv_text([[*about, *item_columns(forms), *question_columns(forms)]])


def codebook(campaign):
    """Column, whether it is needed, and each code with what it says."""
    rows = [["column", "needed", "code", "means"]]
    rows += [[name, "yes" if n else "", "", says] for name, (n, says) in ABOUT.items()]
    forms = forms_of(campaign)
    for name in item_columns(forms):
        form = next(f for f in forms.values() if name in f.cells)
        item = next(i for i in form.instrument.items if i.id == name)
        rows.append([name, "", "", form.instrument.stem(item)])
        rows += [[name, "", code, says] for code, says in _item_codes(form, item)]
    for name in question_columns(forms):
        form = next(f for f in forms.values() if name in f.questions)
        question = form.questions[name]
        rows.append([name, "", "", question.text[form.instrument.perspective]])
        rows += [[name, "", code, says] for code, says in question.options.items()]
    return csv_text([[*map(neutral, row)] for row in rows])


def _item_codes(form, item):
    yield from item.responses.labels.items()
    labels = {**item.responses.reason_labels, **UNCLEAR_LABELS}
    for code, reason in NAMES_OF_CODES.items():
        if code in form.cells[item.id]:
            yield f"{code} or {reason}", labels[reason]
    if str(NO_PLAN) in form.cells[item.id]:
        yield from GATE_CODES.items()
    yield NOT_ASKED, "Not asked: in other people's booklets"
