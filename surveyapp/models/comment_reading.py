"""Who reads what people write, by when, and what came of each comment."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..encryption import EncryptedWords
from ..extensions import Model
from .assessment import Comment
from .campaign import Campaign
from .staff import StaffUser

RISKS = ("none", "open", "closed")
DECISIONS = ("undecided", "for_leads", "held_back")


class CommentProtocol(Model):
    """What a campaign's readers do when a comment tells of danger, and by when."""

    __table_args__ = (CheckConstraint("days > 0", name="within_days"),)

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    steps: Mapped[str] = mapped_column(Text)
    days: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    campaign: Mapped[Campaign] = relationship()


class CommentReader(Model):
    """Somebody who was named to read the comments of one campaign."""

    __table_args__ = (UniqueConstraint("campaign_id", "staff_user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE")
    )
    staff_user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), index=True
    )
    named_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    staff_user: Mapped[StaffUser] = relationship()


class CommentReading(Model):
    """What a reader made of one comment; it goes with the comment.

    `themes` are prerequisites. `edited` is what leads read, once `let_out_at` is set
    with the block in which it stands.
    """

    __table_args__ = (
        CheckConstraint(f"risk IN {RISKS}", name="known_risk"),
        CheckConstraint(f"decision IN {DECISIONS}", name="known_decision"),
        CheckConstraint(
            "(block_id IS NULL) = (let_out_at IS NULL)", name="let_out_in_a_block"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), unique=True
    )
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    read_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    version: Mapped[int] = mapped_column(default=1)
    themes: Mapped[list] = mapped_column(JSON, default=list)
    risk: Mapped[str] = mapped_column(String(16), default="none")
    action: Mapped[str] = mapped_column(EncryptedWords, default="")
    decision: Mapped[str] = mapped_column(String(16), default="undecided")
    edited: Mapped[str] = mapped_column(EncryptedWords, default="")
    why_held: Mapped[str] = mapped_column(EncryptedWords, default="")
    block_id: Mapped[int | None] = mapped_column(
        ForeignKey("released_block.id"), index=True
    )
    let_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    comment: Mapped[Comment] = relationship()
    reader: Mapped[StaffUser | None] = relationship()
