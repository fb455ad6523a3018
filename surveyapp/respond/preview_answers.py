"""What somebody tries out in a preview: held by their own browser, stored nowhere."""

from werkzeug.datastructures import MultiDict

from .. import bank
from ..assessments import companions
from ..assessments.labels import HELPERS
from ..assessments.submission import keep_background
from ..models import Comment
from . import forms

ONES_OWN = ("care_plan", "wants_plan", "helped", "comment")


def sent_fields(ref, sent):
    """What a form has for the questions of an instrument, by name: lists of text."""
    instrument = bank.instrument(ref)
    names = {i.id for i in instrument.items} | {q.id for q in _beside(instrument)}
    names |= {*ONES_OWN, *(q.id for q in companions.questions(bank.companions()))}
    return {name: sent.getlist(name) for name in sent if name in names}


def _beside(instrument):
    """The questions beside the items, of every kind."""
    preferred = instrument.preferred_involvement
    first = (preferred,) if preferred else ()
    return [*first, *instrument.context, *instrument.background, *instrument.follow_up]


def fill(assessment, given, *, now):
    """Put what was tried into an assessment that is in no session.

    What is no answer to its question is passed over: it came from a browser.
    """
    instrument = bank.instrument(assessment.instrument)
    items = [item for item in instrument.items if item.id in given]
    fields = dict(forms.item_fields(instrument, items))
    form, wrong = _read(fields, given)
    known = [item for item in items if item.id not in wrong]
    assessment.record(forms.replies(known, form), now=now)
    more = companions.questions(companions.measures(assessment.campaign))
    questions = [q for q in (*_beside(instrument), *more) if q.id in given]
    form, wrong = _read(dict(forms.question_fields(instrument, questions)), given)
    known = [q for q in questions if q.id not in wrong]
    keep_background(assessment, forms.side_answers(known, form), now=now)
    plan, wanted, helped, comment = ("".join(given.get(n, ())) for n in ONES_OWN)
    if instrument.gate and plan in instrument.gate.options:
        assessment.care_plan = plan
    follow_up = instrument.gate and instrument.gate.follow_up
    if follow_up and wanted in follow_up.options:
        assessment.wants_plan = wanted
    if helped in HELPERS:
        assessment.assisted_by = helped
    if comment:
        assessment.comments.append(Comment(text=comment, written_at=now))


def _read(fields, given):
    """A form of these fields, and the names of those that it cannot take."""
    sent = MultiDict((name, v) for name in fields for v in given[name])
    form = forms.make_form(fields, sent)
    form.validate()
    return form, set(form.errors)
