"""Work that a web request should not wait for."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import Model
from .staff import StaffUser

STATUSES = ("waiting", "running", "done", "failed", "cancelled")
OPEN = ("waiting", "running")


class Job(Model):
    """One piece of work. Who runs it holds it until `lease_until`, and renews that.

    `attempts` numbers the holder: what an earlier one still does is not kept.
    """

    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="known_status"),
        Index("ix_job_status_run_after", "status", "run_after"),
        UniqueConstraint("name", "scheduled_for"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    arguments: Mapped[dict] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String(16), default="waiting")
    progress: Mapped[float] = mapped_column(default=0.0)
    steps: Mapped[list] = mapped_column(JSON, default=list)
    n_steps: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(500))
    trust_id: Mapped[int | None] = mapped_column(ForeignKey("trust.id"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    # The due time that a recurring job stands for: one row each, whoever puts it.
    scheduled_for: Mapped[datetime | None] = mapped_column(UtcDateTime)
    run_after: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    asked_by: Mapped[StaffUser | None] = relationship()

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_done(self) -> bool:
        return self.status == "done"
