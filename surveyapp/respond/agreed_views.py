"""What a person agreed to, to be changed at any time: it counts from then on."""

from flask import g, redirect, render_template, request, url_for

from ..assessments import consent
from ..database import utc_now
from ..errors import InvalidAnswers
from ..extensions import db
from . import forms, locale, presenter, services
from .blueprint import bp, instrument, sent


@bp.get("/agreed")
def show_agreed(problems=None):
    """Each statement with what was said to it; taking part ends by withdrawing."""
    asked = _statements()
    stored = {c.statement_id: _yes_or_no(c) for c in g.assessment.consents}
    form = forms.make_form(forms.statement_fields(asked), sent(), stored)
    return render_template(
        "respond/agreed.html",
        questions=presenter.statement_questions(asked, form, problems or {}),
        problems=problems,
        is_saved="saved" in request.args,
    )


@bp.post("/agreed")
def change_agreed():
    """Keep what the person says now; a statement that is left alone stays as it is."""
    asked = _statements()
    try:
        said = services.checked(
            forms.make_form(forms.statement_fields(asked), request.form)
        ).data
    except InvalidAnswers as problem:
        return show_agreed(problem.problems), 422
    given = {name: answer for name, answer in said.items() if answer}
    consent.change(db.session, g.assessment.id, asked, given, now=utc_now())
    return redirect(url_for(".show_agreed", saved="yes"), 303)


def _statements():
    form = instrument()
    reader = locale.reader_of(form)
    return consent.changeable(db.session, g.assessment, form, reader)


def _yes_or_no(stored):
    return "yes" if stored.given else "no"
