"""The personal code: shown once something is stored, to copy, print, scan or save."""

from flask import Response, g, redirect, render_template, request, url_for

from ..addresses import address_of
from ..assessments import personal_code
from ..assessments.journey import YOUR_CODE
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..square_codes import square, square_png
from ..wording import marked, say
from . import assisted_completion, presenter, respondent_session, services
from .blueprint import back_from, bp, journey, onwards

DEVICES = {
    "own": marked("It is my own: remember me on it until the survey closes"),
    "shared": marked("Others use it too: forget me when the browser is closed"),
}
SAVED = marked(
    "Your personal code: %(code)s\n"
    "\n"
    "Before you send your answers, it brings you back to them.\n"
    "After that, it withdraws them. Type it here:\n"
    "%(front)s\n"
)
SAVED_LINK = marked("Or open your own link:\n%(link)s\n")


@bp.context_processor
def code_kept():
    """The code and its link, for every page of the journey that shows them."""
    return {"personal_code": _shown, "return_link": _link}


def _shown():
    return g.assessment and personal_code.shown(g.assessment)


def _link(shown):
    """The whole address of the link for coming back, or None."""
    token = shown and shown.token
    return token and address_of("entry.return_link", token=token)


@bp.get(f"/{YOUR_CODE}")
def show_code(problems=None):
    """The code, and whether this device may remember the person."""
    return render_template(
        "respond/your_code.html",
        question=device_question(problems),
        problems=problems,
        back=back_from(YOUR_CODE),
        is_assisted=g.visit.mode != assisted_completion.WEB,
        n_questions=presenter.n_ahead(journey()),
        minutes=presenter.minutes_of(presenter.n_ahead(journey())),
    )


def device_question(problems=None):
    """Whose device it is; not asked where staff write the answers down."""
    if g.visit.mode != assisted_completion.WEB:
        return None
    known = {True: "own", False: "shared"}.get(g.visit.is_own_device)
    return presenter.choice(
        "device",
        say("Whose phone or computer is this?"),
        presenter.in_words(DEVICES),
        request.form.get("device") or known,
        (problems or {}).get("device"),
        hint=say("You can leave this out. Then we forget you after a while."),
    )


@bp.post(f"/{YOUR_CODE}")
def keep_code():
    """Note whose device it is, where the person said so, and go on."""
    try:
        is_own = _said()
        following = services.pass_stop(db.session, g.assessment.id, YOUR_CODE)
    except InvalidAnswers as problem:
        return show_code(problem.problems), 422
    return _handed(onwards(following), is_own)


@bp.post("/device")
def change_device():
    """The same, changed later from the page where one stops."""
    try:
        is_own = _said()
    except InvalidAnswers:
        return redirect(url_for(".stop"), 303)
    return _handed(redirect(url_for(".stop"), 303), is_own)


def _said():
    """True or False for own and shared, None for neither."""
    chosen = request.form.get("device")
    if chosen and chosen not in DEVICES:
        raise InvalidAnswers({"device": say("Choose one of the answers")})
    return {"own": True, "shared": False}.get(chosen)


def _handed(response, is_own):
    """The response with a cookie that lasts as the person said."""
    if is_own is None or g.visit.mode != assisted_completion.WEB:
        return response
    respondent_session.settle_device(db.session, g.visit, is_own)
    return respondent_session.hand_over(response, respondent_session.secret(), g.visit)


@bp.get("/square.svg")
def square_svg():
    """The link as a square code, for the camera of another phone."""
    return _private(square(_link_here(), "m"), "image/svg+xml")


@bp.get("/square.png")
def square_picture():
    """The same as a picture to keep."""
    return _private(square_png(_link_here()), "image/png", "my-link.png")


@bp.get("/code.txt")
def saved():
    """Code and link as a small text, to be kept on this device."""
    shown = _shown()
    if shown is None:
        raise NotFound()
    front = address_of("entry.front")
    text = say(SAVED, code=shown.code, front=front)
    if shown.token:
        text += "\n" + say(SAVED_LINK, link=_link(shown))
    return _private(str(text), "text/plain", "my-code.txt")


def _link_here():
    link = _link(_shown())
    if link is None:
        raise NotFound()
    return link


def _private(body, kind, name=None):
    response = Response(body, mimetype=kind)
    if name:
        response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
