"""Who may be asked: personal data, kept apart from every answer."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import EncryptedText, UtcDateTime, utc_now
from ..extensions import Model
from .trust import Team, Trust


class Contact(Model):
    """Name, address, email and telephone are encrypted; nothing here is an answer."""

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    name: Mapped[str] = mapped_column(EncryptedText)
    postal_address: Mapped[str | None] = mapped_column(EncryptedText)
    email: Mapped[str | None] = mapped_column(EncryptedText)
    telephone: Mapped[str | None] = mapped_column(EncryptedText)
    language: Mapped[str] = mapped_column(String(16), default="en")
    preferences: Mapped[dict] = mapped_column(JSON, default=dict)
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retain_until: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    trust: Mapped[Trust] = relationship()
    team: Mapped[Team | None] = relationship()
