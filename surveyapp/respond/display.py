"""How a person wants to see the pages: remembered here, and with the assessment."""

import re

from flask import Blueprint, g, redirect, render_template, request, session, url_for

from ..errors import InvalidAnswers
from ..extensions import db
from . import forms, presenter, services, visits

bp = Blueprint("display", __name__, url_prefix="/display")
bp.before_request(visits.find_visit)
OURS = re.compile(r"/survey/[a-z0-9-]*(\?(from=check|ask=1))?|/")
CHOICES = {
    "size": (
        "How big should the words be?",
        {"usual": "As they are", "large": "Large", "larger": "Very large"},
    ),
    "colours": (
        "Which colours are best for you?",
        {"usual": "As they are", "soft": "Softer, on cream", "dark": "White on black"},
    ),
    "per_page": (
        "How many questions at a time?",
        {"1": "One", "3": "Three", "12": "A whole part"},
    ),
}


def chosen():
    """What this browser's person chose, by name."""
    return session.get("display", {})


@bp.app_context_processor
def classes():
    """The classes by which the stylesheet knows the choices, and where one is."""
    looks = [f"app-{n}-{chosen()[n]}" for n in ("size", "colours") if n in chosen()]
    return {"display_classes": " ".join(looks), "here": request.full_path.rstrip("?")}


@bp.get("/")
def show(problems=None):
    """Size of words, colours, and questions a page."""
    back = ours(request.args.get("back"))
    current = {name: "usual" for name in CHOICES} | {"per_page": "1"} | chosen()
    questions = [
        presenter.choice(name, wording, options, current[name])
        for name, (wording, options) in CHOICES.items()
    ]
    return render_template(
        "respond/display.html", questions=questions, back=back, problems=problems
    )


def ours(address):
    """An address of the survey; the front page in place of any other."""
    return address if address and OURS.fullmatch(address) else url_for("entry.front")


@bp.post("/")
def save():
    """Keep the choices in this browser, and with the assessment once there is one."""
    fields = [(n, forms.ChoiceField(w, o)) for n, (w, o) in CHOICES.items()]
    try:
        form = services.checked(forms.make_form(fields, request.form))
    except InvalidAnswers as problem:
        return show(problem.problems), 422
    session["display"] = {n: value for n, value in form.data.items() if value}
    if g.visit is not None and g.visit.assessment_id:
        services.keep_display(db.session, g.visit.assessment_id, session["display"])
    return redirect(ours(request.args.get("back")), 303)


def remember(assessment):
    """Bring the choices of an assessment begun elsewhere to this browser."""
    if assessment is not None and assessment.presentation:
        session["display"] = dict(assessment.presentation)


def forget():
    session.pop("display", None)
