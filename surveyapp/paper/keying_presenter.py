"""What the keying pages show, worked out before the templates see it."""

from dataclasses import dataclass

from . import reading_comparison as readings
from .keying_sheet import DIGITS, MARK_KEYS, MARKS

STAGES = {
    "first": "Being keyed for the first time",
    "second": "Waiting for the second keying",
    "differences": "The two readings differ",
    "agreed": "Done: the answers were sent in",
    "no_consent": "Nothing kept: the form does not say yes to taking part",
    "superseded": "Nothing kept: the person had sent answers online",
    "removed": "Removed, nothing kept",
}


@dataclass(frozen=True)
class Box:
    """A box to choose, and the key that chooses it."""

    id: str
    value: str
    label: str
    key: str
    is_chosen: bool


@dataclass(frozen=True)
class Asked:
    """One field of the sheet as the page asks for it."""

    name: str
    wording: str
    kind: str
    boxes: tuple = ()
    marks: tuple = ()
    text: str = ""
    problem: str | None = None


@dataclass(frozen=True)
class Difference:
    """One field that was read in two ways, and how it may be settled."""

    name: str
    wording: str
    first: str
    second: str
    others: tuple  # Boxes
    takes_words: bool
    chosen: str
    words: str
    why: str
    problem: str | None
    why_problem: str | None


def asked(page, reading, form, problems):
    """The fields of a page, filled from what was sent or else what was read before."""
    return tuple(
        _asked(field, _given(field, reading, form), problems.get(field.name))
        for field in page.fields
    )


def _given(field, reading, form):
    if form is not None:
        return form.getlist(field.name)
    return reading[field.name].split(";") if field.name in reading else []


def _asked(field, given, problem):
    boxes = [
        Box(
            field.name if n == 0 else f"{field.name}-{n}",
            code,
            label,
            DIGITS[n] if n < len(DIGITS) else "",
            code in given,
        )
        for n, (code, label) in enumerate(field.boxes)
    ]
    marks = [
        Box(f"{field.name}-{mark}", mark, label, MARK_KEYS[mark], mark in given)
        for mark, label in MARKS.items()
        if field.kind == "one" or mark == "illegible"
    ]
    takes_marks = field.kind in ("one", "many")
    words = "" if not given or given[0] == "blank" else ";".join(given)
    return Asked(
        field.name,
        field.wording,
        field.kind,
        tuple(boxes),
        tuple(marks) if takes_marks else (),
        "" if takes_marks else words,
        problem,
    )


def compared(sheet, form, sent, problems):
    """Every difference between two readings, in the order of the paper."""
    return tuple(
        _difference(field, form, sent, problems)
        for field in readings.differences(sheet, form.first, form.second)
    )


def _difference(field, form, sent, problems):
    name = field.name
    first, second = form.first.get(name, ""), form.second.get(name, "")
    chosen = sent.get(name, "")
    everything = {**dict(field.boxes), **MARKS} if field.kind == "one" else {}
    others = [
        Box(f"{name}-{code}", f"other:{code}", label, "", chosen == f"other:{code}")
        for code, label in everything.items()
        if code not in (first, second)
    ]
    return Difference(
        name=name,
        wording=field.wording,
        first=field.label(first),
        second=field.label(second),
        others=tuple(others),
        takes_words=field.kind in readings.WORDS,
        chosen=chosen,
        words=sent.get(f"{name}-other", ""),
        why=sent.get(f"{name}-why", ""),
        problem=problems.get(name),
        why_problem=problems.get(f"{name}-why"),
    )


@dataclass(frozen=True)
class Line:
    """A form in the queue, and what this person may do with it."""

    form: object
    says: str
    may: str  # carry_on, claim, take_over, resolve, wait or look


def lines(forms, user_id):
    return [Line(form, *_next(form, user_id)) for form in forms]


def _next(form, user_id):
    if form.stage == "differences":
        return f"{form.n_differences} differences", "resolve"
    if form.settled_at is not None:
        return STAGES[form.stage], "look"
    reader = form.first_keyer if form.stage == "first" else form.second_keyer
    if reader is None:
        mine = form.first_keyer_id == user_id
        return ("Another person keys it now", "wait") if mine else ("", "claim")
    if reader.id == user_id:
        return "You have begun", "carry_on"
    return f"{reader.name} has begun", "take_over" if _may(form, user_id) else "wait"


def _may(form, user_id):
    """Whoever keyed a form first cannot take over the second reading."""
    return form.stage == "first" or form.first_keyer_id != user_id
