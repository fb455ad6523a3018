"""Saying that no more should come: one button, and for mail one press (RFC 8058)."""

from flask import Blueprint, redirect, render_template, request, url_for

from .. import throttle
from ..assessments import opt_out
from ..database import utc_now
from ..errors import LinkNotValid
from ..extensions import csrf, db
from ..links import address_in, code_in
from ..wording import marked
from . import locale, respondent_session

bp = Blueprint("opt_out", __name__, url_prefix="/no-more")
MESSAGES = ("s", "no-more")  # whose links stand in what we send
NOT_A_CODE = marked(
    "We do not know this code. Check each letter and number, then try again"
)


@bp.before_request
def anyone():
    """Nobody signs in here: a link or a code says whom it is about."""
    respondent_session.find_visit()
    locale.negotiate()


@bp.get("/")
def front(problem=None):
    """A box for the code of a letter or a text message."""
    return render_template(
        "respond/no_more.html",
        problems={"code": problem} if problem else {},
        typed=request.form.get("code", ""),
    )


@bp.post("/")
def use_code():
    """Write no more to whom the code was sent."""
    typed, now = request.form.get("code", ""), utc_now()
    pasted = address_in(typed)
    if pasted and pasted[0] in MESSAGES:
        return redirect(url_for(".link", token=pasted[1]), 303)
    code = code_in(typed)
    if code is None:
        return front(NOT_A_CODE), 422
    place = throttle.place_of(request.remote_addr)
    account = throttle.leading("code", code)
    try:
        with throttle.counted(db.session, "code", account, place, now=now):
            invitation = opt_out.by_code(db.session, code)
            if invitation is None:
                raise LinkNotValid()
    except LinkNotValid:
        return front(NOT_A_CODE), 422
    opt_out.opt_out(db.session, invitation, now=now)
    return redirect(url_for(".done"), 303)


@bp.get("/<token:token>")
def link(token):
    """A page with one button; looking at it changes nothing."""
    _invitation_of(token)
    return render_template("respond/no_more_link.html")


@bp.post("/<token:token>")
@csrf.exempt
def use_link(token):
    """What the button sends, and what a mail program sends for its own button."""
    opt_out.opt_out(db.session, _invitation_of(token), now=utc_now())
    if request.form.get("List-Unsubscribe") == "One-Click":
        return "", 204
    return redirect(url_for(".done"), 303)


@bp.get("/done")
def done():
    """Nothing more will come."""
    return render_template("respond/no_more_done.html")


def _invitation_of(token):
    invitation = opt_out.by_token(db.session, token)
    if invitation is None:
        raise LinkNotValid()
    return invitation
