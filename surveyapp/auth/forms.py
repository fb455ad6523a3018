"""The forms in which staff prove who they are; each wrong proof counts as a guess.

What cannot be right, because it is empty or not well formed, is a slip: it is sent
back without a look, and counts for nothing.
"""

import re

from flask import current_app
from flask_security import current_user
from flask_security.forms import (
    ChangePasswordForm,
    LoginForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.proxies import _security
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import get_message
from flask_wtf import FlaskForm
from sqlalchemy import select

from .. import audit, throttle
from ..database import utc_now
from ..extensions import db
from ..models import StaffUser
from . import known_browsers
from .known_browsers import account_of
from .recovery_codes import is_recovery_code

FAILED = {
    "password": "staff.sign_in_failed",
    "second_factor": "staff.code_failed",
    "recovery_code": "staff.recovery_code_failed",
}
TWELVE_SIGNS = "A recovery code has 12 letters and numbers, like 12ab-34cd-56ef"
SIX_DIGITS = "Enter the six digits that your authenticator app shows"


class SignInForm(LoginForm):
    remember = None

    def validate(self, **kwargs):
        if _is_slip(self.email.data, self.password.data):
            return FlaskForm.validate(self) and _refused(self.password)
        account = account_of(self.email.data)
        return tried("password", account, self._is_right, **kwargs)

    def _is_right(self, **kwargs):
        """Without a second factor a password is not enough: only a link sets one up."""
        if not super().validate(**kwargs):
            return False
        has_factor = self.user.tf_totp_secret is not None
        return has_factor or _refused(
            self.password, get_message("GENERIC_AUTHN_FAILED")[0]
        )


class ConfirmForm(VerifyForm):
    def validate(self, **kwargs):
        has_none = not self.user.password  # whoever signed in by a link alone
        if has_none or _is_slip(self.user.email, self.password.data):
            return FlaskForm.validate(self) and _refused(self.password)
        account = account_of(self.user.email)
        return tried("password", account, super().validate, **kwargs)


class NewPasswordForm(ChangePasswordForm):
    """Of what is wrong here only a wrong present password is a guess."""

    def validate(self, **kwargs):
        if not current_user.password or not (self.password.data or "").strip():
            return super().validate(**kwargs)
        attempt = count("password", account_of(current_user.email))
        is_valid = super().validate(**kwargs)
        if get_message("INVALID_PASSWORD")[0] in self.password.errors:
            note_failure("password", account_of(current_user.email))
        else:
            throttle.give_back(db.session, attempt)
        return is_valid


class SecondFactorForm(TwoFactorVerifyCodeForm):
    """While an authenticator is set up its key is on the screen: nothing to guess."""

    def validate(self, **kwargs):
        self.code.data = re.sub(r"\s", "", self.code.data or "")
        if not re.fullmatch(r"[0-9]{6}", self.code.data):
            return FlaskForm.validate(self) and _refused(self.code, SIX_DIGITS)
        if self.tf_totp_secret != self.user.tf_totp_secret:
            return super().validate(**kwargs)
        account = account_of(self.user.email)
        return tried("second_factor", account, super().validate, **kwargs)


class RecoveryForm(MfRecoveryForm):
    def validate(self, **kwargs):
        if not is_recovery_code(self.code.data):
            return FlaskForm.validate(self) and _refused(self.code, TWELVE_SIGNS)
        account = account_of(self.user.email)
        return tried("recovery_code", account, super().validate, **kwargs)


FORMS = {
    "login_form": SignInForm,
    "verify_form": ConfirmForm,
    "change_password_form": NewPasswordForm,
    "two_factor_verify_code_form": SecondFactorForm,
    "mf_recovery_form": RecoveryForm,
}


def tried(kind, account, verify, **kwargs):
    """Whether `verify` takes what was typed. A wrong try counts; a right one does not.

    Raises TooManyAttempts, without a look at it, while there is to wait.
    """
    attempt = count(kind, account)
    if not verify(**kwargs):
        note_failure(kind, account)
        return False
    throttle.give_back(db.session, attempt)
    return True


def count(kind, account):
    """Count a try of an account's secret from where this request comes."""
    place, known = known_browsers.place_for(account)
    now = utc_now()
    return throttle.take(db.session, kind, account, place, now=now, known=known)


def note_failure(kind, account):
    """Add a failed proof to the audit, in the trusts of the account. Commits.

    An address that nobody has is noted as well, so that the two take as long.
    """
    user = db.session.scalar(select(StaffUser).where(StaffUser.has_address(account)))
    audit.record(db.session, actor="unknown", action=FAILED[kind], subject=user)
    db.session.commit()


def _is_slip(email, password):
    """Whether no account can have this address or this password."""
    typed = _security.password_util.normalize(password or "")
    return not (email or "").strip() or len(typed) < _shortest()


def _refused(field, words=None):
    field.errors = [*field.errors, words or get_message("INVALID_PASSWORD")[0]]
    return False


def _shortest():
    return current_app.config["SECURITY_PASSWORD_LENGTH_MIN"]
