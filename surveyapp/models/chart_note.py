"""What people set on a control chart: targets, and steps from which limits are anew."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import Model
from .staff import StaffUser


class ScoreTarget(Model):
    """What the mean of a team, or of a trust where there is no team, is to reach.

    A target is never edited: a change closes it and sets another.
    """

    __table_args__ = (
        CheckConstraint("value > 0 AND value < 100", name="on_the_scale"),
        Index("ix_score_target_trust", "trust_id", "perspective"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    value: Mapped[float]
    reason: Mapped[str] = mapped_column(Text)
    set_by_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    set_by: Mapped[StaffUser] = relationship(foreign_keys=set_by_id)
    closed_by: Mapped[StaffUser | None] = relationship(foreign_keys=closed_by_id)


class ChartStep(Model):
    """A day from which the limits of a chart are made anew, and what changed then."""

    __table_args__ = (Index("ix_chart_step_trust", "trust_id", "perspective"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    starts_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    set_by_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    set_by: Mapped[StaffUser] = relationship(foreign_keys=set_by_id)
    undone_by: Mapped[StaffUser | None] = relationship(foreign_keys=undone_by_id)
