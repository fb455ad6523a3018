"""Codes of an authenticator app, each good for one sign-in."""

from flask_security import Totp
from passlib.exc import UsedTokenError
from passlib.totp import TOTP, AppWallet
from sqlalchemy import or_, update

from ..extensions import db
from ..models import StaffUser


def wallet_of(secrets):
    """What encrypts secrets with the last of these keys, and reads them with each."""
    return AppWallet(secrets, default_tag=[*secrets][-1])


class SingleUseCodes(Totp):
    """Remembers the last step that was used; that one and older ones are refused."""

    def __init__(self, secrets, issuer):
        super().__init__(secrets, issuer)
        self._totp = TOTP.using(issuer=issuer, wallet=wallet_of(secrets))

    def get_last_counter(self, user):
        return user.tf_last_step

    def set_last_counter(self, user, tmatch):
        """Of two who use one code at once, one finds it used."""
        last = StaffUser.tf_last_step
        taken = db.session.execute(
            update(StaffUser)
            .where(StaffUser.id == user.id, or_(last.is_(None), last < tmatch.counter))
            .values(tf_last_step=tmatch.counter)
        )
        if taken.rowcount != 1:
            raise UsedTokenError()
