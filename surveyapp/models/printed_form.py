"""Forms as they were printed, and each numbered copy that was made of one."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import UtcDateTime, utc_now
from ..extensions import Model
from .invitation import Invitation


class PrintedForm(Model):
    """What stands where on one edition of one form: `paper.layout.Layout` as data.

    It holds nothing of a trust or a person, so that two campaigns share the row
    of a form that is laid out alike.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[str] = mapped_column(String(16), unique=True)
    instrument: Mapped[str] = mapped_column(String(80))
    perspective: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(16))
    edition: Mapped[str] = mapped_column(String(16))
    layout: Mapped[dict] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class PrintedCopy(Model):
    """One copy: its `serial` stands on every page and is no secret.

    The serial leads staff to the invitation without the person's own code, which
    is on the pages that the person keeps.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    printed_form_id: Mapped[int] = mapped_column(ForeignKey("printed_form.id"))
    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitation.id", ondelete="CASCADE"), index=True
    )
    serial: Mapped[str] = mapped_column(String(16), unique=True)
    printed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    form: Mapped[PrintedForm] = relationship()
    invitation: Mapped[Invitation] = relationship()
