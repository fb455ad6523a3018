"""A way in to a campaign: for one person, or open to many."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import db
from .campaign import Campaign
from .contact import Contact
from .trust import Team

STATUSES = ("made", "sent", "started", "answered", "withdrawn", "cancelled")


class Invitation(db.Model):
    """Only hashes of the link's token and of the typed code are kept.

    `is_open` marks a link that many may use, as on a poster: each visit starts an
    assessment of its own. Any other invitation belongs to one person. One with a
    respondent asks that person again, at each of the campaign's later waves.
    """

    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="known_status"),
        UniqueConstraint("campaign_id", "respondent_id", "perspective"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact.id", ondelete="SET NULL"), index=True
    )
    respondent_id: Mapped[int | None] = mapped_column(
        ForeignKey("respondent.id"), index=True
    )
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    label: Mapped[str | None] = mapped_column(String(200))
    is_open: Mapped[bool] = mapped_column(default=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    short_code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    # Printed on paper before there are answers; becomes that of the first sent.
    promised_receipt: Mapped[str | None] = mapped_column(String(16), unique=True)
    perspective: Mapped[str | None] = mapped_column(String(32))
    # Of a form that was printed in one order or as one booklet.
    arrangement: Mapped[str | None] = mapped_column(String(32))
    wave: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(16), default="made")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    campaign: Mapped[Campaign] = relationship()
    contact: Mapped[Contact | None] = relationship()
    team: Mapped[Team | None] = relationship()

    @property
    def trust_id(self):
        return self.campaign.trust_id

    def admits(self, now):
        """Whether this way in is open at `now`.

        Who was asked to come back may, also when others can no longer begin.
        """
        expired = self.expires_at is not None and self.expires_at <= now
        closed = self.status in ("cancelled", "withdrawn")
        is_open = self.asks_again or self.campaign.is_open(now)
        return is_open and not expired and not closed

    @property
    def asks_again(self):
        """Whether it is for someone who answered before; the dates are the waves'."""
        return self.respondent_id is not None
