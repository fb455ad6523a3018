"""A trust and its teams: the boundary that no staff member sees across."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import Model


class Trust(Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    # What lists of the trust's own systems call it; capital letters and numbers.
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    # A closed trust makes no campaign; what is there can be read.
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    teams: Mapped[list["Team"]] = relationship(
        back_populates="trust", order_by="Team.name"
    )


class Team(Model):
    __table_args__ = (
        UniqueConstraint("trust_id", "name"),
        UniqueConstraint("trust_id", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(20))
    setting: Mapped[str | None] = mapped_column(String(64))
    is_active: Mapped[bool] = mapped_column(default=True)
    # Another team that goes on with this one's people and past figures.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))

    trust: Mapped[Trust] = relationship(back_populates="teams")
    merged_into: Mapped["Team | None"] = relationship(remote_side=[id])

    @property
    def now(self) -> "Team":
        """The team that goes on with this one's people: itself, unless merged."""
        team = self
        while team.merged_into is not None:  # only what is unmerged is merged into
            team = team.merged_into
        return team
