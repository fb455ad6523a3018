"""The way to the organisation's own sign-in, and back."""

from flask import Blueprint, redirect, url_for
from flask_security import login_user

from ..addresses import address_of
from ..errors import NotFound
from ..extensions import db
from . import provider

bp = Blueprint("provider", __name__, url_prefix="/staff/provider")


@bp.before_request
def enter():
    """Nobody, where the installation has no provider."""
    if provider.name() is None:
        raise NotFound()


@bp.get("/")
def go():
    """On to the provider; nothing is kept but in the visitor's own cookie."""
    return provider.send_there(address_of("provider.back"))


@bp.get("/back")
def back():
    """Sign in whom the provider vouches for, if they have an account here."""
    person = provider.come_back()
    user = provider.find(db.session, person)
    login_user(user, authn_via=["provider"])
    return redirect(url_for("staff.index"), 303)
