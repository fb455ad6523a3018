"""A paper form as two people keyed it, apart, and what was made of differences."""

from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ..bank import PERSPECTIVES
from ..database import UtcDateTime, utc_now
from ..encryption import EncryptedWords, PartlyEncrypted
from ..extensions import Model
from .assessment import Assessment
from .campaign import Campaign
from .invitation import Invitation
from .printed_form import PrintedForm
from .staff import StaffUser
from .trust import Team

# Field of the sheet -> what is marked there, as its reading keeps it.
Reading: TypeAlias = dict[str, Any]

# Of a reading the free comment is encrypted, under its name on the sheet.
WITHOUT_COMMENT = PartlyEncrypted("comment")

# first and second: being read, or waiting for it. The last four are the end.
STAGES = (
    "first",
    "second",
    "differences",
    "agreed",
    "no_consent",
    "superseded",
    "removed",
)


class KeyedForm(Model):
    """Two readings of one paper form: field of the sheet -> what is marked there.

    The assessment is made when the readings agree, not before. `resolved` is
    field -> [value, reason] for what they disagreed about.
    """

    __table_args__ = (
        CheckConstraint("first_keyer_id <> second_keyer_id", name="two_people"),
        CheckConstraint(f"stage IN {STAGES}", name="known_stage"),
        CheckConstraint(f"perspective IN {PERSPECTIVES}", name="known_perspective"),
        Index("ix_keyed_form_campaign_stage", "campaign_id", "stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    # One form a personal invitation; a form that was removed lets it go.
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitation.id"), unique=True
    )
    printed_form_id: Mapped[int | None] = mapped_column(ForeignKey("printed_form.id"))
    assessment_id: Mapped[int | None] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), unique=True
    )
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    instrument: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(16), default="en")
    stage: Mapped[str] = mapped_column(String(16), default="first")
    first_keyer_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    second_keyer_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    resolver_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    first: Mapped[Reading] = mapped_column(WITHOUT_COMMENT, default=dict)
    second: Mapped[Reading] = mapped_column(WITHOUT_COMMENT, default=dict)
    resolved: Mapped[Reading] = mapped_column(WITHOUT_COMMENT, default=dict)
    note: Mapped[str] = mapped_column(EncryptedWords, default="")
    n_fields: Mapped[int | None]
    n_differences: Mapped[int | None]
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    compared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    campaign: Mapped[Campaign] = relationship()
    invitation: Mapped[Invitation | None] = relationship()
    printed_form: Mapped[PrintedForm | None] = relationship()
    assessment: Mapped[Assessment | None] = relationship(back_populates="keyed_form")
    team: Mapped[Team | None] = relationship()
    first_keyer: Mapped[StaffUser] = relationship(foreign_keys=[first_keyer_id])
    second_keyer: Mapped[StaffUser | None] = relationship(
        foreign_keys=[second_keyer_id]
    )
    resolver: Mapped[StaffUser | None] = relationship(foreign_keys=[resolver_id])

    @property
    def trust_id(self) -> int:
        return self.campaign.trust_id

    @classmethod
    def locked(cls, session: Session, form_id: int) -> "KeyedForm | None":
        """The form, while others who want to write to it wait; None if none.

        Its invitation is held first, as withdrawing does, so that neither waits for
        the other.
        """
        invitation_id = session.scalar(
            select(cls.invitation_id).where(cls.id == form_id)
        )
        if invitation_id is not None:
            session.get(Invitation, invitation_id, with_for_update=True)
        return session.scalar(
            select(cls)
            .where(cls.id == form_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    @classmethod
    def withdraw(cls, session: Session, invitation_id: int, *, now: datetime) -> None:
        """Delete what was keyed of a person's form; the caller commits."""
        held = select(cls).where(cls.invitation_id == invitation_id)
        for form in session.scalars(held.with_for_update()):
            form.forget()
            if form.settled_at is None:
                form.stage, form.settled_at = "removed", now

    def reader(self) -> int | None:
        """Whose reading is under way: a number of staff, or None for nobody's."""
        readers = {"first": self.first_keyer_id, "second": self.second_keyer_id}
        return readers.get(self.stage)

    def reading(self) -> Reading | None:
        """What the reading under way has so far."""
        return {"first": self.first, "second": self.second}.get(self.stage)

    def forget(self) -> None:
        """Take both readings away; how many fields differed stays."""
        self.first, self.second, self.resolved, self.note = {}, {}, {}, ""
