"""What a campaign says of itself in its notices, version after version."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import UtcDateTime, utc_now
from ..extensions import Model


class CampaignNotice(Model):
    """The slots of a campaign's notices, as they were from `made_at` on.

    Rows are added and never changed, so that what a person had read before they
    agreed can be shown again.
    """

    __table_args__ = (UniqueConstraint("campaign_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE")
    )
    version: Mapped[int]
    slots: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_research: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
