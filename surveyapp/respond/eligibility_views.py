"""For whom the survey is: asked before consent, kept in no table.

What was said ends with the page. That it let the person on is remembered by the
visit's own cookie, so that the page of consent is not reached without it.
"""

from flask import g, redirect, render_template, request, session, url_for

from ..assessments import start
from ..assessments.item_order import example_form
from ..assessments.labels import CHOOSE_ONE
from ..errors import InvalidAnswers
from . import forms, locale, presenter, services
from .blueprint import bp, sent

PASSED = "for_whom"


def is_due():
    """Whether this visit has yet to say that the survey is for the person.

    Who comes back said so the first time; a preview has no visit to remember it.
    """
    visit = g.visit
    if visit.id is None or visit.invitation.asks_again or not asked():
        return False
    return session.get(PASSED) != visit.id


def asked():
    """The questions in the wording that fits all whom the person may answer as."""
    form = example_form(g.visit.invitation.campaign, _perspectives()[-1])
    return locale.shown(form).eligibility


@bp.get("/for-whom")
def for_whom(problems=None):
    """Two or three questions; an answer is needed, and not kept."""
    if not asked():
        return redirect(url_for(".consent"), 303)
    return render_template(
        "respond/for_whom.html", questions=shown(problems), problems=problems
    )


def shown(problems=None):
    """The questions as a page shows them."""
    questions, problems = asked(), problems or {}
    form = forms.make_form(_fields(questions), sent())
    return [presenter.side_question(q, form, problems.get(q.id)) for q in questions]


@bp.post("/for-whom")
def say_for_whom():
    """On to consent, or to a kind end."""
    return answered(for_whom)


def answered(show):
    """Where what was said leads; `show` makes the page again where it is not whole."""
    questions = asked()
    form = forms.make_form(_fields(questions), request.form)
    try:
        said = services.checked(form).data
        missing = {name: CHOOSE_ONE for name, given in said.items() if not given}
        if missing:
            raise InvalidAnswers(missing)
    except InvalidAnswers as problem:
        return show(problem.problems), 422
    ends = ending(questions, said)
    if ends is not None:
        session.pop(PASSED, None)
        return redirect(url_for(".not_for_you", because=ends.id), 303)
    session[PASSED] = g.visit.id
    return redirect(url_for(".consent"), 303)


def ending(questions, said):
    """The question by whose answer the survey is not for the person, or None."""
    return next((q for q in questions if said[q.id] in q.ends), None)


@bp.get("/not-for-you")
def not_for_you():
    """A kind end with help: nothing was kept, and the way back is open."""
    because = request.args.get("because", "")
    known = {question.id for question in asked()}
    return render_template(
        "respond/not_for_you.html", because=because if because in known else ""
    )


def _fields(questions):
    name = _perspectives()[-1]
    return [(q.id, forms.ChoiceField(q.text[name], q.options)) for q in questions]


def _perspectives():
    """Those that the person may answer as; the last has the widest wording."""
    invitation = g.visit.invitation
    settled = invitation.perspective
    return [settled] if settled else start.role_choices(invitation.campaign)
