"""How an adaptive form was given: which item at which step, and why it ended."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import Model

ALL_QUESTIONS = "all_questions"  # the person chose the fixed form
STOP_REASONS = (
    "precise",
    "no_gain",
    "longest",
    "exhausted",
    "wish",
    ALL_QUESTIONS,
)


class AdaptiveSitting(Model):
    """One adaptive test; `seed` and the answers give the same items again."""

    __table_args__ = (
        CheckConstraint(f"stop_reason IN {STOP_REASONS}", name="known_stop_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), unique=True
    )
    calibration: Mapped[str] = mapped_column(String(80))
    seed: Mapped[int]
    stop_reason: Mapped[str | None] = mapped_column(String(16))

    exposures: Mapped[list["Exposure"]] = relationship(
        cascade="all, delete-orphan", order_by="Exposure.step"
    )

    @property
    def sees_all(self) -> bool:
        """Whether the person wants to see every question of the fixed form."""
        return self.stop_reason == ALL_QUESTIONS

    @property
    def given(self) -> tuple[str, ...]:
        """Ids of the items, in the order in which they were given."""
        return tuple(exposure.item_id for exposure in self.exposures)


class Exposure(Model):
    """One item that was given; theta and its error are those before it.

    `passed_at` says when the person went on from it, with an answer or without.
    """

    __table_args__ = (
        UniqueConstraint("sitting_id", "step"),
        UniqueConstraint("sitting_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(
        ForeignKey("adaptive_sitting.id", ondelete="CASCADE")
    )
    step: Mapped[int]
    item_id: Mapped[str] = mapped_column(String(64))
    item_version: Mapped[int]
    theta: Mapped[float]
    se: Mapped[float]
    given_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    passed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
