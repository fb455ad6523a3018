"""Sessions that the server knows, so that it can end them.

The cookie carries a secret besides Flask's signed session. A new one is drawn
at every sign-in; sign-out, idleness, age and a disabled account end it here.
"""

from datetime import timedelta

from flask import current_app, redirect
from flask import session as cookie
from flask import url_for
from flask_login import user_logged_out
from flask_security import logout_user, user_authenticated
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from .. import audit
from ..database import utc_now
from ..extensions import db
from ..links import new_token, token_hash
from ..models import StaffSession
from . import known_browsers

NOTE_EVERY = timedelta(minutes=1)


def init_app(app):
    user_authenticated.connect(begin, app)
    user_logged_out.connect(end, app)
    app.before_request(check)


def begin(_app, user, **_):
    """Start a session the server knows; the one before it in this browser ends."""
    now, secret = utc_now(), new_token()
    end(_app, user)
    for key in [key for key in cookie if not key.startswith(("_", "fs_", "csrf"))]:
        cookie.pop(key)
    cookie["sid"] = secret
    cookie.permanent = False
    db.session.add(
        StaffSession(
            staff_user_id=user.id,
            secret_hash=token_hash(secret),
            created_at=now,
            seen_at=now,
        )
    )
    if not user.is_demonstration:
        known_browsers.remember(known_browsers.account_of(user.email))
    audit.record(
        db.session,
        actor=user,
        action="staff.signed_in",
        subject=user,
    )
    db.session.commit()


def end(_app, user, **_):
    """End this browser's session on the server."""
    if secret := cookie.pop("sid", None):
        db.session.execute(
            update(StaffSession)
            .where(StaffSession.secret_hash == token_hash(secret))
            .values(ended_at=utc_now())
        )
        db.session.commit()


def check():
    """Before each request of someone signed in: does the session still stand?"""
    if "_user_id" not in cookie:
        return None
    now, config = utc_now(), current_app.config["PROM"]
    known = db.session.scalar(
        select(StaffSession).where(
            StaffSession.secret_hash == token_hash(cookie.get("sid", ""))
        )
    )
    limits = {
        "idle": timedelta(minutes=config.staff_idle_minutes),
        "longest": timedelta(hours=config.staff_session_hours),
    }
    if known is None or not known.is_live(now, **limits):
        logout_user()
        cookie.clear()
        return redirect(url_for("security.login"), 303)
    if now - known.seen_at > NOTE_EVERY:
        _note_seen(known, now)
    return None


def _note_seen(known, now):
    """Keep when the session was last used; a busy database does not stop the page."""
    known.seen_at = now
    try:
        db.session.commit()
    except OperationalError:
        db.session.rollback()


def end_all(session, user, *, now):
    """End every session of a person, as when the account is disabled."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.staff_user_id == user.id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )
