"""A validation of a campaign's answers: what was asked for, and what came of it."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import Model
from .campaign import Campaign
from .job import Job
from .staff import StaffUser

# What a researcher may hand in beside the answers.
ATTACHED = ("plan", "population")


class ValidationRun(Model):
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
    # What was found on comparing service users with carers, by scale.
    perspectives: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))

    job: Mapped[Job] = relationship(lazy="joined")
    campaign: Mapped[Campaign] = relationship(lazy="joined")
    files: Mapped[list["RunFile"]] = relationship(
        back_populates="run", cascade="all, delete-orphan", order_by="RunFile.id"
    )
    attachments: Mapped[list["RunAttachment"]] = relationship(
        back_populates="run", cascade="all, delete-orphan", order_by="RunAttachment.id"
    )

    @property
    def is_synthetic(self) -> bool:
        return bool(self.n_synthetic)

    @property
    def plan(self) -> "RunAttachment | None":
        """The plan it follows, or None."""
        return self._attached("plan")

    @property
    def population(self) -> "RunAttachment | None":
        """The table that the sample is compared with, or None."""
        return self._attached("population")

    def _attached(self, kind: str) -> "RunAttachment | None":
        return next((a for a in self.attachments if a.kind == kind), None)


class RunFile(Model):
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


class RunAttachment(Model):
    """A plan or a table of the population, byte for byte as it was handed in.

    Without a run it is held for the next runs of its campaign and perspective; each
    run has a copy of its own. `n_sent` forms had been sent when it was attached.
    """

    __table_args__ = (
        UniqueConstraint("run_id", "kind"),
        CheckConstraint(f"kind IN {ATTACHED}", name="known_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    perspective: Mapped[str] = mapped_column(String(32))
    run_id: Mapped[int | None] = mapped_column(
        ForeignKey("validation_run.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    n_sent: Mapped[int]
    attached_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    attached_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))

    run: Mapped[ValidationRun | None] = relationship(back_populates="attachments")
    attached_by: Mapped[StaffUser | None] = relationship()

    @property
    def usual_name(self) -> str:
        """What it is called when it is handed out; its own name may hold anything."""
        return {"plan": "plan.yaml", "population": "population.csv"}[self.kind]
