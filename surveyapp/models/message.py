"""The outbox: what is to be sent, by which carrier, and how that went."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..encryption import EncryptedBytes, EncryptedText
from ..extensions import Model
from .campaign import Campaign
from .invitation import Invitation
from .job import Job

CHANNELS = ("print", "email", "sms")
STATUSES = (
    "due",
    "sending",
    "sent",
    "delivered",
    "failed",
    "uncertain",
    "cancelled",
)
# What may have reached the person: nobody gets the same once more.
GONE = ("sending", "sent", "delivered", "uncertain")
MAILING_STAGES = ("making", "made", "posted", "cancelled")


class Message(Model):
    """`idempotency_key` is unique, so that no worker sends anything twice.

    `attempts` numbers whoever sends it: of two workers one gets it. `content` is what
    is to be sent, with the link and the code in clear, from the moment of sending
    until it is known to have gone. A message without an invitation is a test.
    """

    __table_args__ = (
        CheckConstraint(f"channel IN {CHANNELS}", name="known_channel"),
        CheckConstraint(f"status IN {STATUSES}", name="known_status"),
        CheckConstraint(
            "invitation_id IS NOT NULL OR campaign_id IS NOT NULL",
            name="belongs_to_a_campaign",
        ),
        Index("ix_message_status_due", "status", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # None in rows of before: theirs is the invitation's.
    campaign_id: Mapped[int | None] = mapped_column(
        ForeignKey("campaign.id"), index=True
    )
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitation.id"), index=True
    )
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailing.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    carrier: Mapped[str | None] = mapped_column(String(16))
    # Which step of the campaign's plan it is.
    step: Mapped[int | None]
    has_form: Mapped[bool] = mapped_column(default=False, server_default=false())
    template: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16), default="due")
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    provider_reference: Mapped[str | None] = mapped_column(String(128), index=True)
    failure: Mapped[str | None] = mapped_column(String(200))
    is_undeliverable: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )
    content: Mapped[str | None] = mapped_column(EncryptedText)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    invitation: Mapped[Invitation | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()

    @classmethod
    def forget(cls, session: Session, condition: ColumnElement[bool], why: str) -> None:
        """Let what is still to go never go, and keep nothing of it in clear.

        The caller commits. What is being sent is noted by whoever sends it.
        """
        held = update(cls).where(condition)
        for change in (
            held.where(cls.status == "due").values(status="cancelled", failure=why),
            held.where(cls.status != "sending").values(content=None),
        ):
            session.execute(change.execution_options(synchronize_session=False))

    @property
    def trust_id(self) -> int | None:
        of = self.invitation or self.campaign
        return of.trust_id if of else None


class Mailing(Model):
    """Letters that are printed, or a file for a mailing house, made at one time.

    A run of forms that were printed without letters is one too. Its files can be had
    again until somebody says that all was posted, or printed.
    """

    __table_args__ = (
        CheckConstraint(f"stage IN {MAILING_STAGES}", name="known_stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    carrier: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16), default="making")
    n: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    campaign: Mapped[Campaign] = relationship()
    job: Mapped[Job | None] = relationship()
    files: Mapped[list["MailingFile"]] = relationship(
        cascade="all, delete-orphan", order_by="MailingFile.number"
    )

    @property
    def trust_id(self) -> int:
        return self.campaign.trust_id


class MailingFile(Model):
    """One file of a mailing, encrypted: it holds names, links and codes in clear."""

    __table_args__ = (UniqueConstraint("mailing_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    n: Mapped[int]
    content: Mapped[bytes] = mapped_column(EncryptedBytes, deferred=True)
