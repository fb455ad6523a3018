"""Codes of an authenticator app, each good for one sign-in."""

from flask_security import Totp
from passlib.exc import UsedTokenError
from sqlalchemy import or_, update

from ..extensions import db
from ..models import StaffUser


class SingleUseCodes(Totp):
    """Remembers the last step that was used; that one and older ones are refused."""

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
