"""Where people stopped and how long they took, as it stood when it was last told."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import UtcDateTime, utc_now
from ..extensions import Model


class StopsCounted(Model):
    """The counts of one campaign that its page shows: renewed at night, by tens.

    `stops` is place in the form -> how many stopped there, with `sent` and the number
    of the `last` place; `minutes` is mode -> how long each took who sent, in order.
    """

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    stops: Mapped[dict] = mapped_column(JSON)
    minutes: Mapped[dict] = mapped_column(JSON)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
