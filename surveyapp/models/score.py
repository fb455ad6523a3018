"""A score, and the versions of everything that made it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import Model
from .assessment import Assessment


class Score(Model):
    """Never edited: computing again adds rows under the next revision.

    A second submission of one assessment breaks the unique constraint, so that
    there is only ever one.
    """

    __table_args__ = (
        UniqueConstraint("assessment_id", "scale", "revision"),
        CheckConstraint("(value IS NULL) <> (reason IS NULL)", name="value_or_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE")
    )
    scale: Mapped[str] = mapped_column(String(64), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    value: Mapped[float | None]
    se: Mapped[float | None]
    n_answered: Mapped[int]
    n_applicable: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(64))
    method: Mapped[str] = mapped_column(String(64))
    instrument: Mapped[str] = mapped_column(String(80))
    calibration: Mapped[str | None] = mapped_column(String(80))
    software_version: Mapped[str] = mapped_column(String(32))
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    assessment: Mapped[Assessment] = relationship()
