"""Answers of an earlier round, brought in as a file, and taken out again if need be."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..encryption import EncryptedText
from ..extensions import Model
from .assessment import Assessment
from .campaign import Campaign
from .job import Job
from .staff import StaffUser

# checked: looked at, nothing written; writing: rows are there but do not count yet;
# undoing and cancelling: rows count no more, and are being deleted.
UNFINISHED = ("receiving", "checking", "checked", "writing")
AT_WORK = ("checking", "writing", "undoing", "cancelling")
STAGES = (*UNFINISHED, "done", "undoing", "undone", "cancelling", "cancelled")


class AnswerImport(Model):
    """One file: kept only until its rows are written, then known by its fingerprint.

    The fingerprint is set free when the import is cancelled or undone. `findings` are
    what was found in the file, and `line_written` is its last line of which there is
    a row.
    """

    __table_args__ = (
        UniqueConstraint("campaign_id", "fingerprint"),
        CheckConstraint(f"stage IN {STAGES}", name="known_stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    stage: Mapped[str] = mapped_column(String(16), default="checked")
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    findings: Mapped[str | None] = mapped_column(EncryptedText)
    options: Mapped[dict] = mapped_column(JSON, default=dict)
    n_rows: Mapped[int]
    n_good: Mapped[int] = mapped_column(default=0)
    n_problems: Mapped[int] = mapped_column(default=0)
    n_written: Mapped[int] = mapped_column(default=0)
    line_written: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    campaign: Mapped[Campaign] = relationship()
    made_by: Mapped[StaffUser | None] = relationship()
    job: Mapped[Job | None] = relationship()

    @property
    def is_at_work(self) -> bool:
        """Whether something is to be done before it rests."""
        return self.stage in AT_WORK

    @property
    def trust_id(self) -> int:
        return self.campaign.trust_id

    @classmethod
    def locked(cls, session: Session, import_id: int) -> "AnswerImport | None":
        """The import, while others who want to go on with it wait; None if none."""
        return session.scalar(
            select(cls)
            .where(cls.id == import_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )


class AnswerImportPiece(Model):
    """A piece of a file's text, to be read in the order of their numbers."""

    answer_import_id: Mapped[int] = mapped_column(
        ForeignKey("answer_import.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(EncryptedText)


class ImportedAssessment(Model):
    """Which file an assessment came from, and by what it is known again.

    `person_key` and `row_key` are keyed hashes of the file's own names for a person
    and for one of their answers: one row of a person, perspective and wave stands
    once in a campaign, whatever files it is in.
    """

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    answer_import_id: Mapped[int] = mapped_column(
        ForeignKey("answer_import.id"), index=True
    )
    person_key: Mapped[str | None] = mapped_column(String(64), index=True)
    row_key: Mapped[str | None] = mapped_column(String(64), unique=True)

    assessment: Mapped[Assessment] = relationship()
