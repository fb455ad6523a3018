"""Pages of sign-in that are ours: the one-time link, and where staff arrive."""

from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie
from flask_security import current_user, login_user
from flask_security.proxies import _security

from .. import throttle
from ..database import utc_now, writes
from ..errors import LinkNotValid
from ..extensions import db
from ..links import is_token
from . import navigation, permissions, sign_in_links
from .access import CAME_FROM, admit, came_from
from .loopback import allows_demonstration

bp = Blueprint("staff", __name__, url_prefix="/staff")
guard = admit()
GOES_BACK = f"_{CAME_FROM}"  # stays in the cookie when a new password signs in anew


@bp.before_request
def enter():
    """A link needs no sign-in; every other page here needs any role."""
    if not permissions.is_open(request.endpoint):
        return guard()


@bp.get("/")
def index():
    """On to where somebody was, else the first page that the person may open.

    A newcomer, and who has a new password to choose, goes to what is missing first.
    """
    if back := came_from(request.args.get("back")):
        cookie[GOES_BACK] = back
    if not (current_user.is_demonstration or current_user.is_by_provider_alone):
        if current_user.password is None:
            return redirect(url_for("security.change_password"), 303)
        if not current_user.mf_recovery_codes:
            return redirect(url_for("own_account.codes"), 303)
    back = came_from(cookie.pop(GOES_BACK, None))
    return redirect(back or navigation.entries(current_user)[0]["href"], 303)


@bp.get("/link/<token>")
@writes
def link(token):
    """A page with a button: looking at the link does not use it up."""
    found = _found(token)
    return render_template("auth/link.html", name=found.staff_user.name)


def _found(token):
    """The link of a token; what could be one and is none counts as a guess."""
    if not is_token(token):
        raise LinkNotValid()
    guess = throttle.leading("link", token), throttle.place_of(request.remote_addr)
    throttle.check(db.session, "link", *guess, now=utc_now())
    try:
        return sign_in_links.find(db.session, token, now=utc_now())
    except LinkNotValid:
        throttle.take(db.session, "link", *guess, now=utc_now())
        raise


def _with_next(answer, home):
    """An answer that leads to a second factor, and from there on: theirs may forget."""
    address = urlsplit(answer.location)
    if "next" not in parse_qs(address.query):
        query = "&".join(part for part in (address.query, urlencode({"next": home})))
        answer.location = urlunsplit(address._replace(query=query.lstrip("&")))
    return answer


@bp.post("/link/<token>")
def use_link(token):
    """Use the link up, and sign in or ask for the second factor."""
    user = _found(token).staff_user
    if user.is_demonstration and not allows_demonstration():
        raise LinkNotValid()
    user = sign_in_links.use(db.session, token, now=utc_now())
    home = url_for(".index", back=cookie.get(CAME_FROM))
    if not user.is_demonstration:
        entered = _security.two_factor_plugins.tf_enter(user, False, "link", home)
        if entered:
            return _with_next(entered, home)
    login_user(user, authn_via=["link"])
    return redirect(home, 303)
