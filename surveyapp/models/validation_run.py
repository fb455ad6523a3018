"""A validation of a campaign's answers: what was asked for, and what came of it."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import db
from .campaign import Campaign
from .job import Job


class ValidationRun(db.Model):
    """`choices` are the researcher's; `fingerprint` is of the table that was read."""

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    perspective: Mapped[str] = mapped_column(String(32))
    instrument: Mapped[str] = mapped_column(String(80))
    choices: Mapped[dict] = mapped_column(JSON)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    n_assessments: Mapped[int | None]
    n_synthetic: Mapped[int | None]
    software_version: Mapped[str | None] = mapped_column(String(32))

    job: Mapped[Job] = relationship(lazy="joined")
    campaign: Mapped[Campaign] = relationship(lazy="joined")
    files: Mapped[list["RunFile"]] = relationship(
        back_populates="run", cascade="all, delete-orphan", order_by="RunFile.id"
    )

    @property
    def is_synthetic(self):
        return bool(self.n_synthetic)


class RunFile(db.Model):
    """One file of a report; `content` is empty where it lies in a folder instead."""

    __table_args__ = (UniqueConstraint("run_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(
        ForeignKey("validation_run.id", ondelete="CASCADE")
    )
    name: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    n_bytes: Mapped[int]
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))

    run: Mapped[ValidationRun] = relationship(back_populates="files")
