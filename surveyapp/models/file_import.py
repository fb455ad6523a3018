"""What every file that is brought in has: its stage, its findings and its work."""

from datetime import datetime
from typing import Self

from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..encryption import EncryptedText
from .job import Job
from .staff import StaffUser

ENDED = ("undoing", "undone", "cancelling", "cancelled")
AT_WORK = ("checking", "writing", "undoing", "cancelling")


class FileImport:
    """One file on its way in; a class of its own says what is in the file.

    `findings` are what was found in the file, and `line_written` is its last line of
    which there is a row.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    stage: Mapped[str]
    findings: Mapped[str | None] = mapped_column(EncryptedText)
    options: Mapped[dict] = mapped_column(JSON, default=dict)
    n_good: Mapped[int] = mapped_column(default=0)
    n_written: Mapped[int] = mapped_column(default=0)
    line_written: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @declared_attr
    def made_by(cls) -> Mapped[StaffUser | None]:
        return relationship()

    @declared_attr
    def job(cls) -> Mapped[Job | None]:
        return relationship()

    @property
    def is_at_work(self) -> bool:
        """Whether something is to be done before it rests."""
        return self.stage in AT_WORK

    @property
    def is_ended(self) -> bool:
        """Whether it was given up or taken back, or is just being so."""
        return self.stage in ENDED

    @classmethod
    def locked(cls, session: Session, import_id: int) -> Self | None:
        """The import, while others who want to go on with it wait; None if none."""
        return session.scalar(
            select(cls)
            .where(cls.id == import_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
