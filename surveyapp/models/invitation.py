"""A way in to a campaign: for one person, or open to many."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    String,
    UniqueConstraint,
    false,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..encryption import EncryptedWords
from ..extensions import Model
from .campaign import Campaign
from .contact import Contact
from .trust import Team

STATUSES = ("made", "sent", "started", "answered", "withdrawn", "cancelled")


class Invitation(Model):
    """What lets in stands in its `tokens`, of which only hashes are kept.

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
    # The code printed on a form: it is that of the answers that come back on it.
    paper_code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    # The same in clear, as it was kept before; in no new row.
    promised_receipt: Mapped[str | None] = mapped_column(EncryptedWords, unique=True)
    perspective: Mapped[str | None] = mapped_column(String(32))
    # Of a form that was printed in one order or as one booklet.
    arrangement: Mapped[str | None] = mapped_column(String(32))
    wave: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(16), default="made")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Brought up to date at night, so that nobody sees on which day somebody answered.
    needs_no_reminder: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )

    # Of who is asked again: the last wave of which staff may know that it is over.
    told_wave: Mapped[int | None]

    campaign: Mapped[Campaign] = relationship()
    contact: Mapped[Contact | None] = relationship()
    team: Mapped[Team | None] = relationship()
    tokens: Mapped[list["InvitationToken"]] = relationship(
        back_populates="invitation",
        cascade="all, delete-orphan",
        order_by="InvitationToken.id",
    )

    @property
    def trust_id(self) -> int:
        return self.campaign.trust_id

    def admits(self, now: datetime) -> bool:
        """Whether this way in is open at `now`.

        It tells nobody whether answers were sent or withdrawn, so neither closes it.
        Who was asked to come back may, also when others can no longer begin; until
        they withdraw, since only they were given that link.
        """
        expired = self.expires_at is not None and self.expires_at <= now
        closing = ("cancelled", "withdrawn") if self.asks_again else ("cancelled",)
        closed = self.status in closing
        is_open = self.asks_again or self.campaign.is_open(now)
        return is_open and not expired and not closed

    def advance(self, status: str) -> None:
        """Note how far somebody came by it; who sent or withdrew is not new again."""
        if not self.is_open and self.status != "cancelled":
            self.status = max(self.status, status, key=STATUSES.index)

    @property
    def asks_again(self) -> bool:
        """Whether it is for someone who answered before; the dates are the waves'."""
        return self.respondent_id is not None


class InvitationToken(Model):
    """A link and perhaps a typed code of one invitation, kept as hashes alone.

    Each message and each print may carry one of its own; all lead to the same first
    pages, and each can be closed by itself.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitation.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    short_code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("message.id", ondelete="SET NULL")
    )
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    invitation: Mapped[Invitation] = relationship(back_populates="tokens")

    @classmethod
    def invitation_by(cls, session: Session, **hashed: str) -> Invitation | None:
        """The invitation that a hash belongs to, by its column; None if it is closed.

        `hashed` is one of `token_hash` and `short_code_hash`.
        """
        found = select(Invitation).join(cls).filter_by(closed_at=None)
        return session.scalar(found.filter_by(**hashed))
