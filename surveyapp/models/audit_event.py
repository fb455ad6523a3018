"""Who did what: a chain in which no link can be changed unseen."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import UtcDateTime
from ..extensions import Model


class AuditEvent(Model):
    """Append-only; `hash` covers the row and the hash of the row before it.

    `subject` names a thing by kind and number ("campaign:3"), never by content.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict] = mapped_column(JSON, default=dict)
    trust_id: Mapped[int | None] = mapped_column(ForeignKey("trust.id"), index=True)
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class AuditHead(Model):
    """How many events there are and the newest one's seal; a single row.

    `proof` is a keyed hash of both, empty once the row could not be trusted.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))
    proof: Mapped[str] = mapped_column(String(64), default="", server_default="")
