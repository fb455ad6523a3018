"""Who is to be written to when: the plan of a campaign, and its own texts."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import Model
from .campaign import Campaign

# `preferred` is the way that a person asked for, or the first that there is.
STEP_CHANNELS = ("preferred", "email", "sms", "print")


class MessagePlan(Model):
    """When a campaign writes to the people on its teams' lists.

    Messages go between two hours of the day in London, on working days unless
    `on_weekends`. Nobody gets more than `most` in `within_days` days, counted over
    all campaigns of the trust.
    """

    __table_args__ = (
        CheckConstraint(
            "0 <= from_hour AND from_hour < until_hour AND until_hour <= 24",
            name="hours_of_a_day",
        ),
        CheckConstraint("most > 0 AND within_days > 0", name="cap_lets_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE"), unique=True
    )
    starts_on: Mapped[date]
    from_hour: Mapped[int] = mapped_column(default=9)
    until_hour: Mapped[int] = mapped_column(default=18)
    on_weekends: Mapped[bool] = mapped_column(default=False, server_default=false())
    most: Mapped[int] = mapped_column(default=4)
    within_days: Mapped[int] = mapped_column(default=60)
    # Somebody let it begin, or stopped it for a while.
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    campaign: Mapped[Campaign] = relationship()
    steps: Mapped[list["PlanStep"]] = relationship(
        cascade="all, delete-orphan", order_by="PlanStep.number"
    )

    @property
    def trust_id(self) -> int:
        return self.campaign.trust_id

    @property
    def is_running(self) -> bool:
        return self.started_at is not None and self.paused_at is None


class PlanStep(Model):
    """One message of the plan: number 1 is the first contact, others remind."""

    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        CheckConstraint(f"channel IN {STEP_CHANNELS}", name="known_channel"),
        CheckConstraint("after_days >= 0", name="comes_after"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(
        ForeignKey("message_plan.id", ondelete="CASCADE")
    )
    number: Mapped[int]
    # Days after the person's first message; 0 for the first.
    after_days: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    # By what letters go; e-mail and texts go by what the installation has.
    letters_by: Mapped[str] = mapped_column(String(16), default="print")
    has_form: Mapped[bool] = mapped_column(default=False, server_default=false())


class MessageText(Model):
    """A campaign's own words of one kind of message; a change is a new version."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "kind", "channel", "language", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
