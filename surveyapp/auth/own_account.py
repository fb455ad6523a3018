"""Everybody's own account: how they sign in, where they are signed in, what went on."""

from flask import Blueprint, redirect, render_template, url_for
from flask import session as cookie
from flask_security import current_user
from flask_security.proxies import _security
from sqlalchemy import select

from ..database import utc_now
from ..errors import NotFound
from ..extensions import db
from ..models import AuditEvent, StaffSession
from ..sent_once import makes_once
from . import provider, sessions
from .access import admit
from .freshness import fresh
from .recovery_codes import N_CODES

bp = Blueprint("own_account", __name__, url_prefix="/staff/account")
bp.before_request(admit())
SHOWN_EVENTS = 10
MADE = "made_codes"  # in the person's own cookie, until they are shown
IN_WORDS = {
    "staff.signed_in": "Signed in",
    "staff.sign_in_failed": "Wrong password",
    "staff.code_failed": "Wrong code, after the right password",
    "staff.recovery_code_failed": "Wrong recovery code, after the right password",
    "staff.recovery_code_used": "Recovery code used",
    "staff.recovery_codes_made": "New recovery codes",
    "staff.password_changed": "Password changed",
    "staff.second_factor_changed": "Authenticator set up",
    "staff.reset": "Sign-in reset by an administrator",
    "staff.password_reset": "Password reset by an administrator",
    "staff.provider_linked": "Signed in through the organisation for the first time",
}


@bp.get("/")
def show():
    """How somebody signs in, where they are signed in, and what went on lately."""
    return render_template(
        "auth/account.html",
        user=current_user,
        provider_name=provider.name(),
        n_codes=len(current_user.mf_recovery_codes or []),
        sessions=_open_sessions(),
        here=sessions.current_hash(),
        events=_events(),
    )


def _open_sessions():
    config = sessions.limits()
    mine = StaffSession.staff_user_id == current_user.id
    query = select(StaffSession).where(mine, StaffSession.ended_at.is_(None))
    found = db.session.scalars(query.order_by(StaffSession.seen_at.desc()))
    now = utc_now()
    return [each for each in found if each.is_live(now, **config)]


def _events():
    """When and what, newest first; one that is in several trusts' record is one."""
    about_me = AuditEvent.subject == f"staff:{current_user.id}"
    query = (
        select(AuditEvent.at, AuditEvent.action)
        .where(about_me, AuditEvent.action.in_(IN_WORDS))
        .distinct()
        .order_by(AuditEvent.at.desc())
        .limit(SHOWN_EVENTS)
    )
    return [(at, IN_WORDS[action]) for at, action in db.session.execute(query)]


@bp.post("/sessions/<int:session_id>/end")
def end_session(session_id):
    """Sign this person out in another browser."""
    held = db.session.get(StaffSession, session_id)
    if held is None or held.staff_user_id != current_user.id:
        raise NotFound()
    held.ended_at = held.ended_at or utc_now()
    db.session.commit()
    return redirect(url_for(".show"), 303)


@bp.post("/sessions/end-others")
def end_others():
    """Sign this person out everywhere but here."""
    sessions.end_others(db.session, current_user, now=utc_now())
    db.session.commit()
    return redirect(url_for(".show"), 303)


@bp.get("/recovery-codes")
@fresh
def codes():
    """What recovery codes are for; those just made are shown this once."""
    return render_template(
        "auth/recovery_codes.html",
        made=cookie.pop(MADE, None),
        n_left=len(current_user.mf_recovery_codes or []),
        n_new=N_CODES,
        user=current_user,
    )


@bp.post("/recovery-codes")
@fresh
@makes_once
def make_codes():
    """Make new ones; those before stop working."""
    user = current_user._get_current_object()
    cookie[MADE] = _security.mf_recovery_codes_util.create_recovery_codes(user)
    db.session.commit()
    return redirect(url_for(".codes"), 303)
