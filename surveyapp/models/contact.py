"""Who may be asked: personal data, kept apart from every answer."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..encryption import EncryptedText
from ..extensions import Model
from .trust import Team, Trust


class Contact(Model):
    """Name, address, email and telephone are encrypted; nothing here is an answer.

    NHS number and date of birth stand nowhere: `keys` are all that is left of them.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    # The file that first brought this person in.
    contact_import_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact_import.id"), index=True
    )
    perspective: Mapped[str | None] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(EncryptedText)
    postal_address: Mapped[str | None] = mapped_column(EncryptedText)
    email: Mapped[str | None] = mapped_column(EncryptedText)
    telephone: Mapped[str | None] = mapped_column(EncryptedText)
    language: Mapped[str] = mapped_column(String(16), default="en")
    preferences: Mapped[dict] = mapped_column(JSON, default=dict)
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retain_until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    trust: Mapped[Trust] = relationship()
    team: Mapped[Team | None] = relationship()
    keys: Mapped[list["ContactKey"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


class ContactKey(Model):
    """A keyed hash by which a contact is known again, of one kind.

    `is_about` marks those of the person whom a carer cares for.
    """

    __table_args__ = (Index("ix_contact_key_digest", "digest"),)

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    is_about: Mapped[bool] = mapped_column(
        primary_key=True, default=False, server_default=false()
    )
    kind: Mapped[str] = mapped_column(String(16))


class ContactChange(Model):
    """What stood of a contact before an import brought it up to date, to be put back.

    `before` is the row as JSON, its keys with it.
    """

    contact_import_id: Mapped[int] = mapped_column(
        ForeignKey("contact_import.id", ondelete="CASCADE"), primary_key=True
    )
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    before: Mapped[str] = mapped_column(EncryptedText)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Suppression(Model):
    """One who is not to be written to, by the keyed hash of who they are.

    It stands on a list of one kind, as of the day of that list.
    """

    __table_args__ = (Index("ix_suppression_digest", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"), index=True)
    contact_import_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact_import.id"), index=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(32))
    as_of: Mapped[date]
    # Of one who was erased: the same in all the hashes of that person.
    erasure: Mapped[str | None] = mapped_column(String(16))
