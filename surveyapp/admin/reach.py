"""What an administrator looks after, as the pages ask for it."""

from flask import g, request
from flask_security import current_user

from ..auth.access import admit
from ..auth.permissions import roles_for
from ..errors import NotFound
from ..extensions import db
from ..models import StaffUser, Trust
from . import services

guard = admit()


def enter():
    """Who may open the page, and only for the trusts that they look after."""
    refused = guard()
    if refused is None:
        roles = roles_for(request.endpoint)
        g.trust_ids = services.reach(db.session, current_user, *roles)
    return refused


def trust(trust_id):
    """The trust, if the administrator looks after it; else NotFound."""
    if trust_id not in g.trust_ids:
        raise NotFound()
    return db.session.get(Trust, trust_id)


def person(user_id):
    """The member of staff, if they have a role where the administrator looks after."""
    user = db.session.get(StaffUser, user_id)
    everywhere = None in me().administers
    if user is None or not (everywhere or g.trust_ids & user.places):
        raise NotFound()
    return user


def me():
    """The administrator who is signed in, as a record."""
    return current_user._get_current_object()
