"""The sign-in form, which slows guessing down without locking anyone out."""

from flask import current_app, request
from flask_security.forms import LoginForm
from sqlalchemy import select

from .. import audit, throttle
from ..database import utc_now
from ..extensions import db
from ..models import StaffUser

FAILURES_OF_ONE_PLACE = 30


class SignInForm(LoginForm):
    """Failures count per place and account, and per place.

    Never per account alone: then anyone could lock a colleague out.
    """

    remember = None

    def validate(self, **kwargs):
        now, keys = utc_now(), attempt_keys(self.email.data or "")
        throttle.check(db.session, keys[0], now=now)
        throttle.check(db.session, keys[1], now=now, limit=FAILURES_OF_ONE_PLACE)
        if super().validate(**kwargs):
            return True
        note_failure(self.email.data or "")
        for key in keys:
            throttle.note_failure(db.session, key, now=now)
        return False


def note_failure(email):
    """Add a failed sign-in to the audit, in the trusts of the account; not kept yet.

    An address that nobody has is noted as well, so that the two take as long.
    """
    user = db.session.scalar(
        select(StaffUser).where(StaffUser.email == email.strip().lower())
    )
    audit.record(
        db.session, actor="unknown", action="staff.sign_in_failed", subject=user
    )


def attempt_keys(email):
    """The keys under which failures of this place are counted."""
    secret = current_app.config["PROM"].derived_key("attempts")
    place = request.remote_addr or ""
    return (
        throttle.key_of(secret, "staff", place, email.strip().lower()),
        throttle.key_of(secret, "staff", place),
    )
