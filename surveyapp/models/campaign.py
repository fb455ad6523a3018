"""A campaign: one question asked of many people, by one trust, for a while."""

from datetime import datetime, time, timedelta

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..bank import PERSPECTIVES
from ..calendar import LONDON
from ..database import UtcDateTime, utc_now
from ..extensions import Model, db
from .campaign_notice import CampaignNotice
from .trust import Team, Trust

MODES = ("web", "paper", "telephone", "face_to_face")
ITEM_ORDERS = ("as_printed", "rotated", "mixed", "booklets")
WAVE_KINDS = ("retest", "follow_up")
# In the order of a life; ready is one that opens on a later day by itself.
STATES = ("draft", "ready", "open", "paused", "closed", "archived")


def split_ref(ref: str) -> tuple[str, int]:
    """The id and the version in a reference `id.vN`."""
    identifier, _, version = ref.rpartition(".v")
    return identifier, int(version)


campaign_team = Table(
    "campaign_team",
    db.metadata,
    Column(
        "campaign_id", ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("team_id", ForeignKey("team.id"), primary_key=True),
)


class Campaign(Model):
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
    # The letter of the variant of each form that half of those who begin are given.
    split_ballot: Mapped[str | None] = mapped_column(String(1))
    # Printed on forms and letters: where they go back to, and how to reach the trust.
    return_address: Mapped[str] = mapped_column(Text, default="", server_default="")
    contact: Mapped[str] = mapped_column(Text, default="", server_default="")
    # What people read above the survey and letters; the title where it is empty.
    headline: Mapped[str] = mapped_column(String(200), default="", server_default="")
    # Until a person opens it, once nothing of its check list is left to do.
    is_draft: Mapped[bool] = mapped_column(
        "awaits_notice", default=False, server_default=false()
    )
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Whether people on lists are written to, and when a person saw a message first.
    asks_contacts: Mapped[bool] = mapped_column(default=False, server_default=false())
    test_message_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When and why it was opened again: pairs of a time and a reason.
    reasons: Mapped[list | None] = mapped_column(JSON)
    # What people are given for taking part, as staff call it; empty for nothing.
    thanks: Mapped[str] = mapped_column(String(200), default="", server_default="")
    # How many answers are hoped for, and the campaign that this one is a wave of.
    n_wanted: Mapped[int | None]
    previous_id: Mapped[int | None] = mapped_column(
        ForeignKey("campaign.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    trust: Mapped[Trust] = relationship()
    teams: Mapped[list[Team]] = relationship(
        secondary=campaign_team, order_by="Team.name"
    )
    instruments: Mapped[list["CampaignInstrument"]] = relationship(
        back_populates="campaign", cascade="all, delete-orphan", lazy="selectin"
    )

    waves: Mapped[list["CampaignWave"]] = relationship(
        back_populates="campaign",
        cascade="all, delete-orphan",
        order_by="CampaignWave.number",
    )

    versions: Mapped[list["CampaignVersion"]] = relationship(
        cascade="all, delete-orphan", order_by="CampaignVersion.version"
    )
    notices: Mapped[list[CampaignNotice]] = relationship(
        cascade="all, delete-orphan", order_by="CampaignNotice.version"
    )

    @property
    def notice(self) -> CampaignNotice | None:
        """What its notices say of it now, or None where nothing was filled in yet."""
        return self.notices[-1] if self.notices else None

    @property
    def only_team(self) -> Team | None:
        """The team that the campaign is about, where it is about one; else None."""
        return self.teams[0] if len(self.teams) == 1 else None

    @property
    def public_title(self) -> str:
        """Its name to those who are asked."""
        return self.headline or self.title

    def state(self, now: datetime) -> str:
        """One of STATES at `now`: what was set by people, and what its dates say."""
        if self.archived_at is not None:
            return "archived"
        if self.is_draft:
            return "draft"
        if self.closes_at is not None and self.closes_at <= now:
            return "closed"
        if self.paused_at is not None:
            return "paused"
        return "open" if self.opens_at <= now else "ready"

    def is_open(self, now: datetime) -> bool:
        """Whether it takes answers at `now`; times are compared in UTC."""
        return self.state(now) == "open"

    @property
    def perspectives(self) -> list[str]:
        """Who may answer, in the order of the form's choices."""
        offered = {chosen.perspective for chosen in self.instruments}
        return [p for p in PERSPECTIVES if p in offered]

    def instrument_ref(self, perspective: str) -> str:
        """The instrument given to a perspective, as `id.vN`; KeyError if none is."""
        return {c.perspective: c.instrument for c in self.instruments}[perspective]


class CampaignInstrument(Model):
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


class CampaignVersion(Model):
    """What people could read of a campaign, as it was until it was changed.

    Rows are added and never changed: headline, return address and contact, languages.
    """

    __table_args__ = (UniqueConstraint("campaign_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE")
    )
    version: Mapped[int]
    shown: Mapped[dict] = mapped_column(JSON)
    until: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class CampaignWave(Model):
    """A later time at which those who agreed are asked again; 2 is the first such.

    A retest follows soon, to see how steady the scores are; a follow-up later, to
    see change.
    """

    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        CheckConstraint(f"kind IN {WAVE_KINDS}", name="known_kind"),
        CheckConstraint("number > 1 AND after_days > 0", name="comes_later"),
        CheckConstraint("window_days > 0", name="stays_open"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE")
    )
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    after_days: Mapped[int]
    window_days: Mapped[int] = mapped_column(default=14, server_default="14")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    campaign: Mapped[Campaign] = relationship(back_populates="waves")

    def opens_at(self, first: datetime) -> datetime:
        """When it opens for someone who first sent answers at `first`: a midnight."""
        return _midnight(first, self.after_days)

    def closes_at(self, first: datetime) -> datetime:
        """When it closes: it is open on `window_days` whole days."""
        return _midnight(first, self.after_days + self.window_days)

    def last_day(self, first: datetime) -> datetime:
        """The last of the days on which it is open; a midnight."""
        return _midnight(first, self.after_days + self.window_days - 1)

    def is_open(self, first: datetime, now: datetime) -> bool:
        return self.opens_at(first) <= now < self.closes_at(first)


def _midnight(moment: datetime, days: int) -> datetime:
    """The start, in Europe/London, of the day that comes `days` after a time."""
    day = moment.astimezone(LONDON).date() + timedelta(days=days)
    return datetime.combine(day, time(), LONDON)
