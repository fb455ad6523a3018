"""The ways in and out: a link, a typed code, the end of a visit, withdrawal."""

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask_security import current_user
from flask_wtf.csrf import CSRFError

from .. import error_handlers, throttle
from ..assessments import personal_code, recontact, withdrawal
from ..database import utc_now
from ..errors import InvalidAnswers, LinkNotValid, NotYetOpen
from ..extensions import db
from ..links import RECEIPT_LENGTH, address_in, code_in
from ..wording import marked
from . import (
    assisted_completion,
    locale,
    preferences,
    presenter,
    respondent_session,
    unsent_answers,
)
from .respondent_session import settings

bp = Blueprint("entry", __name__)
SURVEY = ("entry", "respond", "display")
ENTRANCES = {"s": ".link", "r": ".return_link", "no-more": "opt_out.link"}
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


@bp.app_errorhandler(CSRFError)
def not_ours(problem):
    """What was sent is of no page that this browser has open, or came without cookies.

    Respondents are told how to go on; staff get the page of any other refusal.
    """
    if request.blueprint not in SURVEY:
        return error_handlers.refused(problem)
    why = "cleared" if request.cookies else "blocked"
    return render_template("respond/no_visit.html", why=why), 400


@bp.get("/")
def front(problems=None):
    """The front page: a box for the code from a letter."""
    asks_how = current_user.is_authenticated and current_user.has_role("coordinator")
    return render_template(
        "respond/front.html",
        problems=problems,
        typed=request.form.get("code", ""),
        carry_on=respondent_session.is_of_this_device(g.visit),
        question=how_question(problems) if asks_how else None,
    )


@bp.post("/")
def use_code():
    """Exchange a typed code for a cookie; a wrong one that could be right counts."""
    typed = request.form.get("code", "")
    pasted = address_in(typed)
    if pasted:
        return redirect(url_for(ENTRANCES[pasted[0]], token=pasted[1]), 303)
    personal = code_in(typed, RECEIPT_LENGTH)
    try:
        if personal:
            return _go_on(*_of_personal_code(personal, utc_now()), personal)
        invitation = _invitation_of(code_in(typed), now=utc_now())
        mode = assisted_completion.mode_of(
            invitation.campaign, request.form.get("mode")
        )
    except LinkNotValid:
        return front({"code": NOT_A_CODE}), 422
    except InvalidAnswers as problem:
        return front(problem.problems), 422
    return let_in(invitation, mode)


def _invitation_of(code, *, now):
    if code is None:
        raise LinkNotValid()
    with _counted("code", code, now):
        key = settings().derived_key("codes")
        return respondent_session.find_by_code(db.session, code, key, now=now)


def _of_personal_code(code, now):
    """What a personal code stands for: answers, or paper that may still come back."""
    with _counted("receipt", code, now):
        found = personal_code.find(db.session, code)
        paper = None if found else personal_code.find_paper(db.session, code)
        if found is None and paper is None:
            raise LinkNotValid()
    return found, paper


def _go_on(assessment, paper, code):
    """Back to unsent answers, to the thanks for sent ones, or to what paper allows."""
    if paper is not None or assessment.invitation is None:
        return withdraw(typed=code)
    return go_on(assessment)


def go_on(assessment):
    """Lead whoever has the personal code to where these answers are now."""
    if assessment.withdrawn_at is not None:
        return redirect(url_for(".withdrawn"), 303)
    now, hours = utc_now(), settings().respondent_session_hours
    personal_code.check_time(assessment, now=now)
    invitation = assessment.invitation
    asked = request.form.get("mode")
    mode = assisted_completion.mode_of(invitation.campaign, asked)
    _leave_here(now)
    if mode != assisted_completion.WEB:
        assisted_completion.note(db.session, invitation, mode)
    visit, secret = respondent_session.resume(
        db.session, assessment, now=now, hours=hours, mode=mode
    )
    preferences.remember(assessment)
    return respondent_session.hand_over(to_the_journey(), secret, visit)


def _leave_here(now):
    """End the visit that this browser had before.

    A page that is still open of it can send nothing any more into the next one.
    """
    if g.visit is not None:
        respondent_session.leave(db.session, g.visit, now=now)
        preferences.forget()
        if not current_user.is_authenticated:
            session.pop("csrf_token", None)


def to_the_journey():
    """On to the journey; the address says that a cookie was handed over just now."""
    return redirect(url_for("respond.index", begun="yes"), 303)


def _counted(kind, typed, now):
    """Count a look at a code; whose it would be, its leading signs say."""
    place = throttle.place_of(request.remote_addr)
    account = throttle.leading(kind, typed)
    return throttle.counted(db.session, kind, account, place, now=now)


@bp.get("/s/<token:token>")
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


@bp.post("/s/<token:token>")
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


@bp.get("/r/<token:token>")
def return_link(token, problems=None):
    """The link of a personal code: a page with a button, which changes nothing."""
    assessment = _of_return_link(token)
    campaign = assessment.campaign
    locale.negotiate_for(campaign)
    asks_how = assisted_completion.may_assist(campaign)
    return render_template(
        "respond/return.html",
        campaign=campaign,
        organisation=campaign.trust.name,
        question=how_question(problems) if asks_how else None,
        problems=problems,
    )


@bp.post("/r/<token:token>")
def use_return_link(token):
    """Go on with the answers that this link was given for."""
    assessment = _of_return_link(token)
    try:
        return go_on(assessment)
    except InvalidAnswers as problem:
        return return_link(token, problem.problems), 422


def _of_return_link(token):
    assessment = personal_code.find_by_token(db.session, token)
    if assessment is None:
        raise LinkNotValid()
    return assessment


def began_here(invitation):
    """Whether this is the own device of somebody who began by the same invitation.

    Any other device gets the first pages, so that the next person at it sees nothing.
    """
    is_own = respondent_session.is_of_this_device(g.visit)
    return is_own and g.visit.invitation_id == invitation.id


def let_in(invitation, mode=assisted_completion.WEB):
    """End the visit before, begin another, and hand over its cookie."""
    now, hours = utc_now(), settings().respondent_session_hours
    _leave_here(now)
    if mode != assisted_completion.WEB:
        assisted_completion.note(db.session, invitation, mode)
    visit, secret = respondent_session.enter(
        db.session, invitation, now=now, hours=hours, mode=mode
    )
    preferences.remember(recontact.first_of(db.session, invitation, now=now))
    return respondent_session.hand_over(to_the_journey(), secret)


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
def withdraw(problem=None, typed=None):
    """What withdrawing deletes and what it cannot, and a box for the personal code."""
    return render_template(
        "respond/withdraw.html",
        problems={"receipt": problem} if problem else None,
        typed=typed or request.form.get("receipt", ""),
        mine=g.visit is not None and g.visit.assessment is not None,
    )


@bp.post("/withdraw")
def use_receipt():
    """Delete the answers of this code, or of this visit, at once."""
    now, typed = utc_now(), request.form.get("receipt", "")
    if "mine" in request.form and g.visit is not None and g.visit.assessment_id:
        return delete(g.visit.assessment, now)
    try:
        assessment, paper = _of_typed(typed, now)
    except LinkNotValid:
        return withdraw(NOT_A_CODE), 422
    if assessment is not None:
        return delete(assessment, now, receipt=typed)
    withdrawal.withdraw_paper(db.session, paper.id, now=now)
    return gone()


def _of_typed(typed, now):
    """The same of a code with words around it, or of a whole link for coming back."""
    pasted = address_in(typed)
    if pasted and pasted[0] == "r":
        return _of_return_link(pasted[1]), None
    personal = code_in(typed, RECEIPT_LENGTH)
    if personal is None:
        raise LinkNotValid()
    return _of_personal_code(personal, now)


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
