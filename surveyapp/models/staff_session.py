"""A signed-in browser, so that the server can end it."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime
from ..extensions import Model
from .staff import StaffUser


class StaffSession(Model):
    """Its cookie holds a secret of which only the hash is here."""

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), index=True
    )
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    device: Mapped[str | None] = mapped_column(String(60))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff_user: Mapped[StaffUser] = relationship()

    def is_live(self, now: datetime, *, idle: timedelta, longest: timedelta) -> bool:
        """Whether it still stands: not ended, not idle, not too old, user active."""
        recent = now - self.seen_at < idle and now - self.created_at < longest
        return self.ended_at is None and recent and self.staff_user.active
