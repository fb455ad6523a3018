"""The ways in and out: a link, a typed code, the end of a visit, withdrawal."""

from flask import Blueprint, g, redirect, render_template, request, url_for

from .. import throttle
from ..database import utc_now
from ..errors import LinkNotValid
from ..extensions import db
from . import display, sessions, stages, visits, withdrawal
from .visits import settings

bp = Blueprint("entry", __name__)
NOT_A_CODE = "We do not know this code. Check each letter and number, then try again"


@bp.before_request
def anyone_with_an_invitation():
    """Nobody signs in here; a link or a code is the invitation."""
    visits.find_visit()


@bp.get("/")
def front(problem=None):
    """The front page: a box for the code from a letter."""
    return render_template(
        "respond/front.html",
        problems={"code": problem} if problem else None,
        typed=request.form.get("code", ""),
        carry_on=g.visit is not None,
    )


@bp.post("/")
def use_code():
    """Exchange a typed code for a cookie; wrong ones are counted."""
    now, asker = utc_now(), request.remote_addr or ""
    key = throttle.key_of(settings().derived_key("attempts"), "code", asker)
    throttle.check(db.session, key, now=now)
    typed, code_key = request.form.get("code", ""), settings().derived_key("codes")
    try:
        invitation = sessions.find_by_code(db.session, typed, code_key, now=now)
    except LinkNotValid as problem:
        if problem.args:  # a slip of the finger; only a possible code is a guess
            return front(NOT_A_CODE), 422
        throttle.note_failure(db.session, key, now=now)
        return front(NOT_A_CODE), 422
    return let_in(invitation)


@bp.get("/s/<token>")
def link(token):
    """A page with a button: looking at a link, as scanners do, uses nothing up."""
    invitation = sessions.find_by_token(db.session, token, now=utc_now())
    return render_template(
        "respond/start.html",
        campaign=invitation.campaign,
        organisation=invitation.campaign.trust.name,
        began_here=began_here(invitation),
    )


@bp.post("/s/<token>")
def use_link(token):
    """Exchange the token for a cookie, and leave it behind with the address."""
    invitation = sessions.find_by_token(db.session, token, now=utc_now())
    if began_here(invitation) and request.form.get("who") != "another":
        return redirect(url_for("respond.index"), 303)
    return let_in(invitation)


def began_here(invitation):
    """Whether this device has an unfinished visit by the same open link.

    The next person on a shared device says so, and gets pages of their own.
    """
    mine = g.visit is not None and g.visit.invitation_id == invitation.id
    return mine and invitation.is_open and stages.stage(g.visit) != "done"


def let_in(invitation):
    """End the visit before, begin another, and hand over its cookie."""
    now, hours = utc_now(), settings().respondent_session_hours
    if g.visit is not None:
        sessions.leave(db.session, g.visit, now=now)
        display.forget()
    visit, secret = sessions.enter(db.session, invitation, now=now, hours=hours)
    display.remember(visit.assessment)
    return visits.hand_over(redirect(url_for("respond.index"), 303), secret)


@bp.post("/finish")
def finish():
    """End the visit and take its traces off this device."""
    if g.visit is not None:
        sessions.leave(db.session, g.visit, now=utc_now())
    display.forget()
    response = visits.take_back(redirect(url_for(".finished"), 303))
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
    now, asker = utc_now(), request.remote_addr or ""
    if "mine" in request.form and g.visit is not None and g.visit.assessment_id:
        withdrawal.withdraw(db.session, g.visit.assessment_id, now=now)
        return gone()
    key = throttle.key_of(settings().derived_key("attempts"), "receipt", asker)
    throttle.check(db.session, key, now=now)
    assessment = withdrawal.find(db.session, request.form.get("receipt", ""))
    if assessment is None:
        throttle.note_failure(db.session, key, now=now)
        return withdraw(NOT_A_CODE), 422
    withdrawal.withdraw(db.session, assessment.id, now=now)
    return gone()


def gone():
    return visits.take_back(redirect(url_for(".withdrawn"), 303))


@bp.get("/withdrawn")
def withdrawn():
    """The answers are deleted."""
    return render_template("respond/withdrawn.html")
