"""Recovery codes: each lets somebody in once who has no phone; only hashes are kept."""

import hmac
import re

from flask import current_app
from flask_security import MfRecoveryCodesUtil

from .. import audit
from ..errors import LinkNotValid
from ..extensions import db
from ..models import StaffUser

N_CODES = 10
LENGTH = 12  # hexadecimal digits: 48 bits


class HashedRecoveryCodes(MfRecoveryCodesUtil):
    """Flask-Security's codes, kept as hashes that need the installation's pepper."""

    def create_recovery_codes(self, user):
        """New codes in place of those before, in clear for this once."""
        codes = super().create_recovery_codes(user)
        user.mf_recovery_codes = [_hash(user, code) for code in codes]
        audit.record(
            db.session, actor=user, action="staff.recovery_codes_made", subject=user
        )
        return codes

    def get_recovery_codes(self, user):
        """None: what was kept cannot be shown again."""
        return []

    def check_recovery_code(self, user, code):
        return _hash(user, code) in (user.mf_recovery_codes or [])

    def delete_recovery_code(self, user, code):
        """Use a code up. Of two who use one at once, one finds it used."""
        locked = {"with_for_update": True, "populate_existing": True}
        held = db.session.get(StaffUser, user.id, **locked).mf_recovery_codes or []
        used = _hash(user, code)
        if used not in held:
            raise LinkNotValid()
        user.mf_recovery_codes = [each for each in held if each != used]
        audit.record(
            db.session, actor=user, action="staff.recovery_code_used", subject=user
        )
        return True


def is_recovery_code(typed):
    """Whether what was typed has as many digits as a code, in whatever groups."""
    return len(_digits(typed)) == LENGTH


def _digits(typed):
    return re.sub(r"[\s-]", "", (typed or "").lower())


def _hash(user, code):
    key = current_app.config["PROM"].derived_key("recovery codes")
    text = f"{user.id}|{_digits(code)}"
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()
