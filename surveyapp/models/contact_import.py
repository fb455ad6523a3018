"""A list of people as a file: contacts, or those who are not to be written to."""

import json
from datetime import date

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..encryption import EncryptedText, PartlyEncrypted
from ..extensions import Model
from .file_import import FileImport
from .trust import Trust

CONTACTS = "contacts"
LISTS = ("deceased", "do_not_contact", "data_opt_out")
KINDS = (CONTACTS, *LISTS)
UNCONFIRMED = ("receiving", "mapping", "checking", "checked")
OVER = ("done", "undone", "cancelled")
STAGES = (*UNCONFIRMED, "writing", "undoing", "cancelling", *OVER)


class ContactImport(FileImport, Model):
    """One file: its text is kept, encrypted, only until its rows are written.

    `columns` is which column of the file says what; while it waits to be told, the
    stage is `mapping`. `as_of` is the day of a list; `retain_until` the day on which
    the details of contacts are deleted.
    """

    __table_args__ = (
        CheckConstraint(f"stage IN {STAGES}", name="known_stage"),
        CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
    )

    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16), default=CONTACTS)
    stage: Mapped[str] = mapped_column(String(16), default="receiving")
    as_of: Mapped[date | None]
    retain_until: Mapped[date | None]
    columns: Mapped[dict] = mapped_column(JSON, default=dict)
    # A file without names of columns begins with a person.
    options: Mapped[dict] = mapped_column(PartlyEncrypted("header"), default=dict)
    n_rows: Mapped[int] = mapped_column(default=0)

    trust: Mapped[Trust] = relationship()

    @property
    def header(self) -> list[str]:
        """The names of the file's columns, as `options` has them in JSON."""
        names: list[str] = json.loads(self.options.get("header") or "[]")
        return names

    @property
    def is_list(self) -> bool:
        """Whether it names people who are not to be written to."""
        return self.kind in LISTS


class ContactImportPiece(Model):
    """A piece of a file, to be read in the order of their numbers."""

    contact_import_id: Mapped[int] = mapped_column(
        ForeignKey("contact_import.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(EncryptedText)
