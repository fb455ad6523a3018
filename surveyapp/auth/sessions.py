"""Sessions that the server knows, so that it can end them.

The cookie carries a secret besides Flask's signed session. A new one is drawn
at every sign-in; sign-out, idleness, age and a disabled account end it here.
"""

from datetime import timedelta

from flask import current_app, flash, redirect, request, url_for
from flask import session as cookie
from flask_login import user_logged_out
from flask_security import (
    logout_user,
    password_changed,
    tf_code_confirmed,
    tf_profile_changed,
    user_authenticated,
)
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from .. import audit
from ..calendar import local_time
from ..database import utc_now
from ..extensions import db
from ..links import new_token, token_hash
from ..models import AuditEvent, StaffSession
from ..wording import counted
from . import devices, known_browsers, permissions
from .access import to_sign_in

ASKS_CODE = "security.two_factor_token_validation"
NOTE_EVERY = timedelta(minutes=1)
CODES_FAILED = ("staff.code_failed", "staff.recovery_code_failed")
WARNING = (
    "{} came after your right password since {}. If that was not you, somebody knows"
    " your password: choose another now."
)


def init_app(app):
    user_authenticated.connect(begin, app)
    user_logged_out.connect(end, app)
    password_changed.connect(note_password, app)
    tf_profile_changed.connect(note_second_factor, app)
    tf_code_confirmed.connect(note_first_second_factor, app)
    app.before_request(check)


def begin(_app, user, **_):
    """Start a session the server knows; the one before it in this browser ends."""
    now, secret = utc_now(), new_token()
    end(_app, user)
    warn(user)
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
            device=devices.words_of(request.user_agent.string),
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


def warn(user):
    """Say at sign-in that somebody who knows the password has tried codes since."""
    me = StaffSession.staff_user_id == user.id
    before = db.session.scalar(select(func.max(StaffSession.created_at)).where(me))
    if before is None:
        return
    tried = select(func.count(AuditEvent.at.distinct())).where(
        AuditEvent.subject == audit.name_of(user),
        AuditEvent.action.in_(CODES_FAILED),
        AuditEvent.at > before,
    )
    if n := db.session.scalar(tried):
        flash(WARNING.format(counted(n, "wrong code"), local_time(before)))


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
    now = utc_now()
    known = db.session.scalar(
        select(StaffSession).where(StaffSession.secret_hash == current_hash())
    )
    if known is None or not known.is_live(now, **limits()):
        logout_user()
        cookie.clear()
        # What needs no sign-in goes on without; its address may hold a secret.
        is_open = request.endpoint is None or permissions.is_open(request.endpoint)
        return None if is_open else to_sign_in()
    if now - known.seen_at > NOTE_EVERY:
        _note_seen(known, now)
    if request.endpoint == ASKS_CODE and "tf_state" not in cookie:
        return redirect(url_for("staff.index"), 303)  # the page itself would sign out
    return None


def limits():
    """How long a session lasts, unused and in any case."""
    config = current_app.config["PROM"]
    return {
        "idle": timedelta(minutes=config.staff_idle_minutes),
        "longest": timedelta(hours=config.staff_session_hours),
    }


def current_hash():
    """What is kept of this browser's secret."""
    return token_hash(cookie.get("sid", ""))


def _note_seen(known, now):
    """Keep when the session was last used; a busy database does not stop the page."""
    known.seen_at = now
    try:
        db.session.commit()
    except OperationalError:
        db.session.rollback()


def end_others(session, user, *, now):
    """End every session of a person but this browser's. The caller commits."""
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.staff_user_id == user.id,
            StaffSession.ended_at.is_(None),
            StaffSession.secret_hash != current_hash(),
        )
        .values(ended_at=now)
    )


def note_password(_app, user, **_):
    _proof_changed(user, "staff.password_changed")


def note_second_factor(_app, user, **_):
    _proof_changed(user, "staff.second_factor_changed")


def note_first_second_factor(_app, user, **_):
    """Sent at every sign-in with a code; only the first sets an authenticator up."""
    if cookie.get("tf_state") == "validating_profile":
        _proof_changed(user, "staff.second_factor_changed")


def _proof_changed(user, action):
    """Whoever is signed in elsewhere is out: a new password or authenticator."""
    end_others(db.session, user, now=utc_now())
    audit.record(db.session, actor=user, action=action, subject=user)
    db.session.commit()


def end_all(session, user, *, now):
    """End every session of a person, as when the account is disabled."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.staff_user_id == user.id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )
