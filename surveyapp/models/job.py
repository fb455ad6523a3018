"""Work that a web request should not wait for."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import UtcDateTime, utc_now
from ..extensions import db

STATUSES = ("waiting", "running", "done", "failed")


class Job(db.Model):
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="known_status"),
        Index("ix_job_status_run_after", "status", "run_after"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    arguments: Mapped[dict] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String(16), default="waiting")
    progress: Mapped[float] = mapped_column(default=0.0)
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(200))
    trust_id: Mapped[int | None] = mapped_column(ForeignKey("trust.id"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    run_after: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
