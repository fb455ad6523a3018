"""Figures of quarters, from before figures were let out in groups of people."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import UtcDateTime
from ..extensions import Model


class Release(Model):
    """Sums of one quarter, one trust and one perspective, for every team and scale.

    Nothing reads or writes them any more: they became released groups, and stay for
    whoever goes back to a version that knew no groups.

    `figures` is team id -> scale -> [n, sum, sum of squares] of everybody and then of
    those who were not made up by whoever has a poster's link; `members` is team id ->
    the assessments behind them, so that it can be told how much is new.
    """

    __table_args__ = (UniqueConstraint("trust_id", "perspective", "quarter"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    quarter: Mapped[date]
    figures: Mapped[dict] = mapped_column(JSON)
    members: Mapped[dict] = mapped_column(JSON)
    released_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_final: Mapped[bool] = mapped_column(default=False)
