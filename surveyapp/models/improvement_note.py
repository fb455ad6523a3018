"""What a team tried, from when: a mark on its chart, for whoever reads it later."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import Model
from .staff import StaffUser
from .trust import Team, Trust


class ImprovementNote(Model):
    """A note of a team, or of the whole trust where there is no team.

    What it said before a change is in the audit by number alone; the words are those
    of now. A closed note stays on the chart.
    """

    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="in_order"),
        Index("ix_improvement_note_trust", "trust_id", "team_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    what: Mapped[str] = mapped_column(String(300))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    trust: Mapped[Trust] = relationship()
    team: Mapped[Team | None] = relationship()
    written_by: Mapped[StaffUser | None] = relationship()
