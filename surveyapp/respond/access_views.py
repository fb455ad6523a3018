"""The ways in and out: a link, a typed code, the end of a visit, withdrawal."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_security import current_user

from .. import throttle
from ..assessments import recontact, withdrawal
from ..database import utc_now
from ..errors import InvalidAnswers, LinkNotValid, NotYetOpen
from ..extensions import db
from ..links import RECEIPT_LENGTH, is_code
from ..wording import marked
from . import (
    access_rules,
    assisted_completion,
    locale,
    preferences,
    presenter,
    respondent_session,
    unsent_answers,
)
from .respondent_session import settings

bp = Blueprint("entry", __name__)
NOT_A_CODE = marked(
    "We do not know this code. Check each letter and number, then try again"
)


@bp.before_request
def anyone_with_an_invitation():
    """Nobody signs in here; a link or a code is the invitation."""
    respondent_session.find_visit()
    locale.negotiate()
    is_carried = request.method == "POST" and unsent_answers.MARKS & {*request.form}
    return unsent_answers.show_again() if is_carried else None


@bp.app_errorhandler(NotYetOpen)
def come_back_later(problem):
    """Who was asked to come back is early: the day on which it opens."""
    opens_at = problem.opens_at
    return render_template("respond/not_yet.html", opens_at=opens_at), 403


@bp.get("/")
def front(problems=None):
    """The front page: a box for the code from a letter."""
    asks_how = current_user.is_authenticated and current_user.has_role("coordinator")
    return render_template(
        "respond/front.html",
        problems=problems,
        typed=request.form.get("code", ""),
        carry_on=g.visit is not None,
        question=how_question(problems) if asks_how else None,
    )


@bp.post("/")
def use_code():
    """Exchange a typed code for a cookie; a wrong one that could be right counts."""
    typed = request.form.get("code", "")
    try:
        invitation = _invitation_of(typed, now=utc_now())
        mode = assisted_completion.mode_of(
            invitation.campaign, request.form.get("mode")
        )
    except LinkNotValid:
        return front({"code": NOT_A_CODE}), 422
    except InvalidAnswers as problem:
        return front(problem.problems), 422
    return let_in(invitation, mode)


def _invitation_of(typed, *, now):
    if not is_code(typed):
        raise LinkNotValid()
    with _counted("code", typed, now):
        key = settings().derived_key("codes")
        return respondent_session.find_by_code(db.session, typed, key, now=now)


def _counted(kind, typed, now):
    """Count a look at a code; whose it would be, its leading signs say."""
    place = throttle.place_of(request.remote_addr)
    account = throttle.leading(kind, typed)
    return throttle.counted(db.session, kind, account, place, now=now)


@bp.get("/s/<token>")
def link(token, problems=None):
    """A page with a button: looking at a link, as scanners do, uses nothing up."""
    invitation = respondent_session.find_by_token(db.session, token, now=utc_now())
    locale.negotiate_for(invitation.campaign)
    asks_how = assisted_completion.may_assist(invitation.campaign)
    return render_template(
        "respond/start.html",
        campaign=invitation.campaign,
        organisation=invitation.campaign.trust.name,
        began_here=began_here(invitation),
        question=how_question(problems) if asks_how else None,
        problems=problems,
    )


@bp.post("/s/<token>")
def use_link(token):
    """Exchange the token for a cookie, and leave it behind with the address."""
    invitation = respondent_session.find_by_token(db.session, token, now=utc_now())
    if began_here(invitation) and request.form.get("who") != "another":
        return redirect(url_for("respond.index"), 303)
    try:
        mode = assisted_completion.mode_of(
            invitation.campaign, request.form.get("mode")
        )
    except InvalidAnswers as problem:
        return link(token, problem.problems), 422
    return let_in(invitation, mode)


def how_question(problems):
    """For a coordinator who is signed in: how the person answers."""
    wording, problem = "How is the person answering?", (problems or {}).get("mode")
    return presenter.choice(
        "mode", wording, assisted_completion.MODES, request.form.get("mode"), problem
    )


def began_here(invitation):
    """Whether this device has an unfinished visit by the same open link.

    The next person on a shared device says so, and gets pages of their own.
    """
    mine = g.visit is not None and g.visit.invitation_id == invitation.id
    return mine and invitation.is_open and access_rules.stage(g.visit) != "done"


def let_in(invitation, mode=assisted_completion.WEB):
    """End the visit before, begin another, and hand over its cookie."""
    now, hours = utc_now(), settings().respondent_session_hours
    if g.visit is not None:
        respondent_session.leave(db.session, g.visit, now=now)
        preferences.forget()
    if mode != assisted_completion.WEB:
        assisted_completion.note(db.session, invitation, mode)
    visit, secret = respondent_session.enter(
        db.session, invitation, now=now, hours=hours, mode=mode
    )
    first = recontact.first_of(db.session, invitation, now=now)
    preferences.remember(visit.assessment or first)
    return respondent_session.hand_over(redirect(url_for("respond.index"), 303), secret)


@bp.post("/finish")
def finish():
    """End the visit and take its traces off this device."""
    if g.visit is not None:
        respondent_session.leave(db.session, g.visit, now=utc_now())
    preferences.forget()
    response = respondent_session.take_back(redirect(url_for(".finished"), 303))
    if not current_user.is_authenticated:  # staff who helped stay signed in
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@bp.get("/finished")
def finished():
    """Nothing is left on this device."""
    return render_template("respond/finished.html")


@bp.get("/withdraw")
def withdraw(problem=None):
    """What withdrawing deletes and what it cannot, and a box for the receipt."""
    return render_template(
        "respond/withdraw.html",
        problems={"receipt": problem} if problem else None,
        typed=request.form.get("receipt", ""),
        mine=g.visit is not None and g.visit.assessment is not None,
    )


@bp.post("/withdraw")
def use_receipt():
    """Delete the answers of this receipt, or of this visit, at once."""
    now, typed = utc_now(), request.form.get("receipt", "")
    if "mine" in request.form and g.visit is not None and g.visit.assessment_id:
        return delete(g.visit.assessment, now)
    try:
        assessment, promise = _of_receipt(typed, now)
    except LinkNotValid:
        return withdraw(NOT_A_CODE), 422
    if assessment is not None:
        return delete(assessment, now, receipt=typed)
    withdrawal.withdraw_promise(db.session, promise.id, now=now)
    return gone()


def _of_receipt(typed, now):
    """What a receipt was given for: answers, or a form that may still come back."""
    if not is_code(typed, RECEIPT_LENGTH):
        raise LinkNotValid()
    with _counted("receipt", typed, now):
        found = [
            withdrawal.find(db.session, typed),
            withdrawal.find_promise(db.session, typed),
        ]
        if not any(found):
            raise LinkNotValid()
    return found


def delete(assessment, now, receipt=None):
    """Withdraw at once; who answered more than once says first which of it."""
    which = request.form.get("which")
    if which not in ("these", "all") and withdrawal.others(db.session, assessment):
        when = assessment.submitted_at or assessment.started_at
        return render_template(
            "respond/withdraw_which.html",
            receipt=receipt,
            when=when,
            role=presenter.roles([assessment.perspective])[0],
        )
    withdrawal.withdraw(db.session, assessment.id, now=now, everything=which == "all")
    return gone()


def gone():
    return respondent_session.take_back(redirect(url_for(".withdrawn"), 303))


@bp.get("/withdrawn")
def withdrawn():
    """The answers are deleted."""
    return render_template("respond/withdrawn.html")
