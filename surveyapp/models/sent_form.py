"""A form of staff that was sent, so that the same one makes nothing twice."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import UtcDateTime, utc_now
from ..extensions import Model


class SentForm(Model):
    """`mark` is what one form carried; `led_to` is an address, once it is done."""

    mark: Mapped[str] = mapped_column(String(12), primary_key=True)
    led_to: Mapped[str | None] = mapped_column(String(500))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
