"""A paper form as two people keyed it."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import db
from .assessment import Assessment


class KeyedForm(db.Model):
    """Both readings as item id -> value or reason, and what was made of differences."""

    __table_args__ = (
        CheckConstraint("first_keyer_id <> second_keyer_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), unique=True
    )
    first_keyer_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    second_keyer_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    first: Mapped[dict] = mapped_column(JSON)
    second: Mapped[dict | None] = mapped_column(JSON)
    resolved: Mapped[dict | None] = mapped_column(JSON)
    keyed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    assessment: Mapped[Assessment] = relationship()

    @property
    def differences(self):
        """Items on which the two readings do not agree."""
        if self.second is None:
            return []
        items = [*self.first, *(set(self.second) - set(self.first))]
        return sorted(i for i in items if self.first.get(i) != self.second.get(i))
