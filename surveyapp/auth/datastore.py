"""Where Flask-Security finds accounts: an address by its blind index."""

from flask_security import SQLAlchemyUserDatastore
from sqlalchemy import select

from ..models import StaffUser


class Accounts(SQLAlchemyUserDatastore):
    """Accounts of staff, whose addresses are encrypted."""

    def find_user(self, case_insensitive=False, **wanted):
        """The account of one value; addresses are kept in small letters."""
        if "email" not in wanted:
            return super().find_user(case_insensitive, **wanted)
        email = (wanted["email"] or "").strip().lower()
        return self.db.session.scalar(
            select(StaffUser).where(StaffUser.has_address(email))
        )
