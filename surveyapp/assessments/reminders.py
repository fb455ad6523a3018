"""Whom a campaign asks on the trust's lists, and who needs no reminder any more.

Who has answered is never told by person. What staff may know, to telephone the
others, is who needs no reminder, whatever the reason, as of last night.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from ..database import take_turns
from ..models import Campaign, Contact, Invitation, Job, KeyedForm

OVER = ("answered", "withdrawn", "cancelled")  # of an invitation
AT_ONCE = 500
JOB = "reminders"


def listed(campaign: Campaign) -> ColumnElement[bool]:
    """The condition that a contact is one of those whom a campaign would ask.

    They are the trust's, of one of its teams, and asked as one of its perspectives.
    Who has no team is asked where the campaign is about one team alone.
    """
    teams: ColumnElement[bool] = Contact.team_id.in_(
        [team.id for team in campaign.teams]
    )
    if campaign.only_team is not None:
        teams = or_(teams, Contact.team_id.is_(None))
    asked = Contact.perspective.in_(campaign.perspectives)
    return and_(
        Contact.trust_id == campaign.trust_id,
        teams,
        or_(asked, Contact.perspective.is_(None)),
    )


def is_keyed() -> ColumnElement[bool]:
    """The condition that paper of an invitation came back and is being keyed."""
    return exists().where(KeyedForm.invitation_id == Invitation.id)


def is_over(campaign: Campaign) -> ColumnElement[bool]:
    """The condition that a contact has answered, withdrawn or was cancelled here."""
    return exists().where(
        Invitation.contact_id == Contact.id,
        Invitation.campaign_id == campaign.id,
        or_(Invitation.status.in_(OVER), is_keyed()),
    )


def note_who_needs_none(session: Session, job: Job, at_step: Any) -> None:
    """A job of every night: mark the invitations that need no reminder. Commits."""
    over = or_(Invitation.status.in_(OVER), is_keyed())
    due = select(Invitation.id).where(~Invitation.needs_no_reminder, over)
    while some := session.scalars(due.limit(AT_ONCE)).all():
        session.execute(
            update(Invitation)
            .where(Invitation.id.in_(some))
            .values(needs_no_reminder=True)
            .execution_options(synchronize_session=False)
        )
        session.commit()
        take_turns(session)


def brought_up_at(session: Session) -> datetime | None:
    """When the marks were last brought up to date."""
    done = select(func.max(Job.finished_at)).where(
        Job.name == JOB, Job.status == "done"
    )
    return session.scalar(done)
