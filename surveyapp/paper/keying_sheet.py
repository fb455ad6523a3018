"""What a keyer reads off a paper form: its pages, and on each the fields in order.

A field is read as one code: a box, a mark that cannot be one answer, or blank. The
codes of marks are kept as they are, all the way into the answers and exports.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from .. import bank
from ..assessments.consent import COMMENT as CONSENT_COMMENT
from ..assessments.labels import HELPERS, TITLES
from ..assessments.questions import questions_on_paper
from .box_positions import Layout
from .compact_form import in_grids, lettered
from .print_options import Choice, in_words

BLANK = "blank"
MARKS = {
    BLANK: "Left blank",
    "several_marked": "Several boxes marked",
    "between_boxes": "Marked between two boxes",
    "illegible": "Cannot be read",
}
MARK_KEYS = {
    BLANK: "b",
    "several_marked": "s",
    "between_boxes": "t",
    "illegible": "x",
}
DIGITS = "1234567890"
YES_NO = {"yes": "Yes", "no": "No"}
COMPLETED, HELPED, COMMENT = "completed_on", "helped", "comment"
CARE_PLAN, WANTS_PLAN = "care_plan", "wants_plan"


@dataclass(frozen=True)
class Field:
    """One thing to read: a box of several, any number of boxes, a date or words."""

    name: str
    wording: str
    kind: str  # one, many, date, text, comment
    boxes: tuple = ()  # (code, label) in the order of the paper

    @property
    def codes(self):
        """Every code that a reading of it may hold."""
        return {code for code, _ in self.boxes} | set(MARKS)

    def label(self, code):
        """What a reading says, in words."""
        known = {"": MARKS[BLANK], **dict(self.boxes), **MARKS}
        if self.kind == "many":
            return ", ".join(known.get(each, each) for each in code.split(";"))
        return known.get(code, code)


@dataclass(frozen=True)
class SheetPage:
    title: str
    fields: tuple


@dataclass(frozen=True, eq=False)
class Sheet:
    """A form as it lies before the keyer, page by page as it was printed.

    A form whose `layout` nobody kept has the parts of the instrument as its pages.
    """

    instrument: object
    layout: object = None
    follow_up: tuple = ()

    @cached_property
    def pages(self):
        if self.layout is None:
            return self._parts
        known = {field.name: field for part in self._parts for field in part.fields}
        return tuple(
            SheetPage(
                f"Page {number} of the paper form",
                tuple(self._as_printed(f, known[f.id]) for f in fields),
            )
            for number, fields in self.layout.pages.items()
        )

    def _as_printed(self, printed, field):
        """The field under its own name and words, its boxes as they lie on paper."""
        labels, is_lettered = dict(field.boxes), printed.id in self._in_grids
        boxes = tuple(
            (value, lettered(value, labels[value]) if is_lettered else labels[value])
            for value in printed.values
            if value in labels
        )
        return replace(field, boxes=boxes)

    @cached_property
    def _in_grids(self):
        return in_grids(self.instrument) if self.layout.edition == "compact" else ()

    @cached_property
    def _parts(self):
        instrument = self.instrument
        beside = [_question(q, instrument.perspective) for q in self.questions]
        return (
            SheetPage("First page: date and consent", tuple(self._front)),
            *([_gate(instrument.gate)] if instrument.gate else []),
            *(_block(instrument, block) for block in instrument.blocks),
            *([SheetPage(TITLES["background"], tuple(beside))] if beside else []),
            SheetPage("Last page: help and comment", tuple(self._last)),
        )

    @cached_property
    def statements(self):
        """What the paper asks people to agree to, in the versions that are on it."""
        own = {s.ref: s for s in self.instrument.statements}
        if self.layout is None:
            return tuple(own.values())
        printed = [f.ref for f in self.layout.fields if f.kind == "consent"]
        return tuple(own[ref] if ref in own else bank.document(ref) for ref in printed)

    @property
    def _front(self):
        yield Field(COMPLETED, "Date written on the form", "date")
        yield from (_consent(s) for s in self.statements if s.id != CONSENT_COMMENT)

    @property
    def _last(self):
        helpers = tuple(HELPERS.items())
        yield Field(HELPED, "Did someone help you to answer?", "one", helpers)
        yield Field(COMMENT, "Is there anything you would like to add?", "comment")
        yield from (_consent(s) for s in self.statements if s.id == CONSENT_COMMENT)

    @cached_property
    def questions(self):
        """What is asked beside the items, in the order of the web form."""
        instrument = self.instrument
        preferred = instrument.preferred_involvement
        first = [*self.follow_up, *([preferred] if preferred else [])]
        return [*first, *instrument.context, *instrument.background]

    @cached_property
    def fields(self):
        """Every field of the form by its name, in order."""
        return {field.name: field for page in self.pages for field in page.fields}

    def page(self, number):
        """A page counted from 1, or None where there is no such page."""
        return self.pages[number - 1] if 1 <= number <= len(self.pages) else None

    def first_unread(self, reading):
        """The number of the first page with a field not read yet, or None."""
        for number, page in enumerate(self.pages, start=1):
            if any(field.name not in reading for field in page.fields):
                return number
        return None


def sheet_of(form):
    """The sheet of a keyed form: its printed layout, or its arrangement in parts."""
    invitation, held = form.invitation, form.printed_form
    questions = questions_on_paper(
        form.campaign,
        form.instrument,
        invitation and invitation.arrangement,
        invitation.wave if invitation else 1,
    )
    if held is None:
        return Sheet(questions.instrument, None, questions.follow_up)
    choice = Choice(held.perspective, held.language, held.edition)
    words = in_words(questions.instrument, choice)
    return Sheet(words, Layout.from_dict(held.layout), questions.follow_up)


def _consent(statement):
    return Field(statement.id, statement.body, "one", tuple(YES_NO.items()))


def _gate(gate):
    fields = [Field(CARE_PLAN, gate.text, "one", tuple(gate.options.items()))]
    if gate.follow_up:
        boxes = tuple(gate.follow_up.options.items())
        fields.append(Field(WANTS_PLAN, gate.follow_up.text, "one", boxes))
    return SheetPage("Having a care plan", tuple(fields))


def _block(instrument, block):
    return SheetPage(
        block.title, tuple(_item(instrument, item) for item in block.items)
    )


def _item(instrument, item):
    """The categories, then the reasons that this item offers, as on the web."""
    categories = [(str(v), label) for v, label in item.responses.labels.items()]
    reasons = [(r, item.responses.reason_labels[r]) for r in item.reasons]
    boxes = (*categories, *reasons)
    return Field(item.id, instrument.stem(item), "one", boxes)


def _question(question, perspective):
    kinds = {"one": "one", "many": "many"}
    return Field(
        question.id,
        question.text[perspective],
        kinds.get(question.type, "text"),
        tuple(question.options.items()),
    )
