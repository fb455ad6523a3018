"""How a person wants to see the pages: remembered here, and with the assessment."""

import re

from flask import (
    Blueprint,
    Response,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from markupsafe import Markup

from .. import bank, wording
from ..assessments import labels, start
from ..errors import InvalidAnswers
from ..extensions import db
from ..wording import marked, say
from . import forms, locale, presenter, respondent_session, services, unsent_answers

bp = Blueprint("display", __name__, url_prefix="/display")
OURS = re.compile(r"(/survey/|/about/)[a-z0-9-]*|/s/[\w-]+|/withdraw|/")
KEPT_QUERY = re.compile(r"(from=check|ask=1)(&(from=check|ask=1))?")
FOR_A_YEAR = "public, max-age=31536000, immutable"
CHOICES = {
    "size": (
        marked("How big should the words be?"),
        {
            "usual": marked("As they are"),
            "large": marked("Large"),
            "larger": marked("Very large"),
        },
    ),
    "colours": (
        marked("Which colours are best for you?"),
        {
            "usual": marked("As they are"),
            "soft": marked("Softer, on cream"),
            "dark": marked("White on black"),
        },
    ),
    "per_page": (
        marked("How many questions at a time?"),
        {"1": marked("One"), "3": marked("Three"), "12": marked("A whole part")},
    ),
}
WORDS = marked("Which words are best for you?")
USUAL_WORDS = marked("The usual words")
EASY_READ = marked("Easy read: short words and pictures, one question at a time")


@bp.before_request
def anyone_may_choose():
    """How pages look is everyone's own choice, with a visit or without one."""
    respondent_session.find_visit()
    locale.negotiate()


def chosen():
    """What this browser's person chose, by name."""
    return session.get("display", {})


@bp.app_context_processor
def classes():
    """The classes by which the stylesheet knows the choices, and where one is."""
    looks = [f"app-{n}-{chosen()[n]}" for n in ("size", "colours") if n in chosen()]
    if locale.edition():
        looks.append("app-easy-read")
    # A bank text without a translation is read aloud, and runs, as English.
    english = g.get("form_is_english", False)
    return {
        "display_classes": " ".join(looks),
        "here": request.full_path.rstrip("?"),
        "languages": [wording.language(tag) for tag in g.get("offered", ())],
        "edition": locale.edition(),
        "form_lang": Markup(' lang="en" dir="ltr"') if english else "",
    }


def choices():
    """What there is to choose here; the words come first, where a form has others."""
    editions = locale.editions(refs_here())
    words = {labels.USUAL: USUAL_WORDS} | {ref: EASY_READ for ref in editions}
    return ({"words": (WORDS, words)} if editions else {}) | CHOICES


def refs_here():
    """The instruments that this visit may come to."""
    if g.visit is None:
        return []
    if g.visit.assessment is not None:
        return [g.visit.assessment.instrument]
    campaign, settled = locale.campaign(), g.visit.invitation.perspective
    names = [settled] if settled else start.role_choices(campaign)
    return [campaign.instrument_ref(name) for name in names]


@bp.get("/")
def show(problems=None):
    """Size of words, colours, and questions a page."""
    back = ours(request.args.get("back"))
    current = {"size": "usual", "colours": "usual", "words": labels.USUAL}
    current |= {"per_page": "1"} | chosen()
    questions = [
        presenter.choice(name, say(asked), presenter.in_words(options), current[name])
        for name, (asked, options) in choices().items()
    ]
    return render_template(
        "respond/display.html",
        questions=questions,
        back=back,
        kept=[
            (name, value)
            for name, value in unsent_answers.fields()
            if name not in current
        ],
        problems=problems,
    )


@bp.post("/choose")
def choose():
    """The same from a page of questions, which sends along what was chosen there."""
    return show()


@bp.get("/choose")
def choose_anew():
    """Who comes back to this address has nothing to bring along."""
    return redirect(url_for(".show", **request.args), 303)


def ours(address):
    """An address of the survey; the front page in place of any other."""
    path, _, query = (address or "").partition("?")
    if not OURS.fullmatch(path):
        return url_for("entry.front")
    return f"{path}?{query}" if KEPT_QUERY.fullmatch(query) else path


@bp.post("/")
def save():
    """Keep the choices in this browser, and with the assessment once there is one."""
    fields = [(n, forms.ChoiceField(w, o)) for n, (w, o) in choices().items()]
    try:
        form = services.checked(forms.make_form(fields, request.form))
    except InvalidAnswers as problem:
        return show(problem.problems), 422
    given = {n: value for n, value in form.data.items() if value}
    if given.get("words", labels.USUAL) != labels.USUAL:
        given["per_page"] = "1"  # as easy read promises
    back, here = ours(request.args.get("back")), g.visit and g.visit.assessment
    item_id = unsent_answers.first_item(here, back)
    session["display"] = given
    keep()
    back = unsent_answers.page_with(here, item_id, back)
    return redirect(back, 307 if "carried" in request.form else 303)


@bp.post("/language")
def speak():
    """Read in another language from now on; what was answered stays."""
    if not locale.choose(request.form.get("language", "")):
        raise InvalidAnswers({"language": labels.CHOOSE_ONE})
    keep()
    return unsent_answers.back_to(ours(request.args.get("back")))


@bp.get("/picture/<edition>/<name>.svg")
def picture(edition, name):
    """A drawing of an edition; its version is in the address, so it never changes."""
    drawn = Response(bank.picture(edition, name), mimetype="image/svg+xml")
    drawn.headers["Cache-Control"] = FOR_A_YEAR
    return drawn


def keep(assessment_id=None):
    """Keep the choices with the assessment, once there is one."""
    assessment_id = assessment_id or (g.visit and g.visit.assessment_id)
    if assessment_id:
        tag = wording.spoken().tag
        services.keep_display(db.session, assessment_id, chosen(), tag)


def remember(assessment):
    """Bring the choices of an assessment begun elsewhere to this browser."""
    if assessment is not None and assessment.presentation:
        session["display"] = dict(assessment.presentation)
    locale.remember(assessment)


def forget():
    session.pop("display", None)
    locale.forget()
