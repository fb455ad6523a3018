"""Answers of an earlier round, brought in as a file, and taken out again if need be."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime
from ..encryption import EncryptedText
from ..extensions import Model
from .assessment import Assessment
from .campaign import Campaign
from .file_import import FileImport

# checked: looked at, nothing written; writing: rows are there but do not count yet;
# undoing and cancelling: rows count no more, and are being deleted.
UNFINISHED = ("receiving", "checking", "checked", "writing")
STAGES = (*UNFINISHED, "done", "undoing", "undone", "cancelling", "cancelled")


class AnswerImport(FileImport, Model):
    """One file: kept only until its rows are written, then known by its fingerprint.

    The fingerprint is set free when the import is cancelled or undone.
    """

    __table_args__ = (
        UniqueConstraint("campaign_id", "fingerprint"),
        CheckConstraint(f"stage IN {STAGES}", name="known_stage"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    stage: Mapped[str] = mapped_column(String(16), default="checked")
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    n_rows: Mapped[int]
    n_problems: Mapped[int] = mapped_column(default=0)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    campaign: Mapped[Campaign] = relationship()

    @property
    def trust_id(self) -> int:
        return self.campaign.trust_id


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
