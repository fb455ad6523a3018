"""That a worker is alive, which health and `prom doctor` ask of the database."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import UtcDateTime
from ..extensions import Model


class WorkerBeat(Model):
    """One running worker, on whichever machine; it says so again and again."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
