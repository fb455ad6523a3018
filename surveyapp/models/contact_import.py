"""A list of people as a file: contacts, or those who are not to be written to."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..encryption import EncryptedText
from ..extensions import Model
from .job import Job
from .staff import StaffUser
from .trust import Trust

CONTACTS = "contacts"
LISTS = ("deceased", "do_not_contact", "data_opt_out")
KINDS = (CONTACTS, *LISTS)
UNCONFIRMED = ("receiving", "mapping", "checking", "checked")
AT_WORK = ("checking", "writing", "undoing", "cancelling")
OVER = ("done", "undone", "cancelled")
STAGES = (*UNCONFIRMED, "writing", "undoing", "cancelling", *OVER)


class ContactImport(Model):
    """One file: its text is kept, encrypted, only until its rows are written.

    `columns` is which column of the file says what; while it waits to be told, the
    stage is `mapping`. `as_of` is the day of a list; `retain_until` the day on which
    the details of contacts are deleted.
    """

    __table_args__ = (
        CheckConstraint(f"stage IN {STAGES}", name="known_stage"),
        CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    kind: Mapped[str] = mapped_column(String(16), default=CONTACTS)
    stage: Mapped[str] = mapped_column(String(16), default="receiving")
    as_of: Mapped[date | None]
    retain_until: Mapped[date | None]
    columns: Mapped[dict] = mapped_column(JSON, default=dict)
    options: Mapped[dict] = mapped_column(JSON, default=dict)
    findings: Mapped[str | None] = mapped_column(EncryptedText)
    n_rows: Mapped[int] = mapped_column(default=0)
    n_good: Mapped[int] = mapped_column(default=0)
    n_written: Mapped[int] = mapped_column(default=0)
    line_written: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    trust: Mapped[Trust] = relationship()
    made_by: Mapped[StaffUser | None] = relationship()
    job: Mapped[Job | None] = relationship()

    @property
    def is_at_work(self) -> bool:
        """Whether something is to be done before it rests."""
        return self.stage in AT_WORK

    @property
    def is_list(self) -> bool:
        """Whether it names people who are not to be written to."""
        return self.kind in LISTS

    @classmethod
    def locked(cls, session: Session, import_id: int) -> "ContactImport | None":
        """The import, while others who want to go on with it wait; None if none."""
        return session.scalar(
            select(cls)
            .where(cls.id == import_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )


class ContactImportPiece(Model):
    """A piece of a file, to be read in the order of their numbers."""

    contact_import_id: Mapped[int] = mapped_column(
        ForeignKey("contact_import.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(EncryptedText)
