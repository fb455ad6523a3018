"""The outbox: what is to be sent, by which carrier, and how that went."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import Model
from .invitation import Invitation

CHANNELS = ("print", "email", "sms")
STATUSES = ("due", "sending", "sent", "failed", "cancelled")


class Message(Model):
    """`idempotency_key` is unique, so that no worker sends anything twice."""

    __table_args__ = (
        CheckConstraint(f"channel IN {CHANNELS}", name="known_channel"),
        CheckConstraint(f"status IN {STATUSES}", name="known_status"),
        Index("ix_message_status_due", "status", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    template: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16), default="due")
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    provider_reference: Mapped[str | None] = mapped_column(String(128))
    failure: Mapped[str | None] = mapped_column(String(200))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    invitation: Mapped[Invitation] = relationship()
