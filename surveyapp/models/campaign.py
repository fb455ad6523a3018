"""A campaign: one question asked of many people, by one trust, for a while."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import db
from .trust import Team, Trust

PERSPECTIVES = ("service_user", "carer", "professional")
MODES = ("web", "paper", "telephone", "face_to_face")
ITEM_ORDERS = ("as_printed", "rotated", "booklets")

campaign_team = Table(
    "campaign_team",
    db.metadata,
    Column(
        "campaign_id", ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("team_id", ForeignKey("team.id"), primary_key=True),
)


class Campaign(db.Model):
    __table_args__ = (
        CheckConstraint("items_per_page > 0", name="pages_hold_items"),
        CheckConstraint(f"item_order IN {ITEM_ORDERS}", name="known_item_order"),
        CheckConstraint(
            "item_order <> 'booklets' OR booklet_length IS NOT NULL",
            name="booklets_have_a_length",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text, default="")
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    modes: Mapped[list] = mapped_column(JSON, default=lambda: ["web"])
    languages: Mapped[list] = mapped_column(JSON, default=lambda: ["en"])
    companion_measures: Mapped[list] = mapped_column(JSON, default=list)
    items_per_page: Mapped[int] = mapped_column(default=1)
    item_order: Mapped[str] = mapped_column(
        String(16), default="as_printed", server_default="as_printed"
    )
    booklet_length: Mapped[int | None]
    retest_after_days: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    trust: Mapped[Trust] = relationship()
    teams: Mapped[list[Team]] = relationship(
        secondary=campaign_team, order_by="Team.name"
    )
    instruments: Mapped[list["CampaignInstrument"]] = relationship(
        back_populates="campaign", cascade="all, delete-orphan", lazy="selectin"
    )

    def is_open(self, now):
        """Whether it takes answers at `now`; times are compared in UTC."""
        return self.opens_at <= now and (self.closes_at is None or now < self.closes_at)

    @property
    def perspectives(self):
        """Who may answer, in the order of the form's choices."""
        offered = {chosen.perspective for chosen in self.instruments}
        return [p for p in PERSPECTIVES if p in offered]

    def instrument_ref(self, perspective):
        """The instrument given to a perspective, as `id.vN`; KeyError if none is."""
        return {c.perspective: c.instrument for c in self.instruments}[perspective]


class CampaignInstrument(db.Model):
    """Which instrument, as `id.vN`, a campaign gives to a perspective."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "perspective"),
        CheckConstraint(f"perspective IN {PERSPECTIVES}", name="known_perspective"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE")
    )
    perspective: Mapped[str] = mapped_column(String(32))
    instrument: Mapped[str] = mapped_column(String(80))

    campaign: Mapped[Campaign] = relationship(back_populates="instruments")
