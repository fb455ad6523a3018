"""The sign-in form, which slows guessing down without locking anyone out."""

from flask import current_app, request
from flask_security.forms import LoginForm

from .. import throttle
from ..database import utc_now
from ..extensions import db

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
        for key in keys:
            throttle.note_failure(db.session, key, now=now)
        return False


def attempt_keys(email):
    """The keys under which failures of this place are counted."""
    secret = current_app.config["PROM"].derived_key("attempts")
    place = request.remote_addr or ""
    return (
        throttle.key_of(secret, "staff", place, email.strip().lower()),
        throttle.key_of(secret, "staff", place),
    )
