"""Where so few were asked in person that a count of answers would tell of one.

Staff know whom they asked. Of fewer than ten such people no page says how many came
in, sent or withdrew; who came by a link of many is nobody whom they know.
"""

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from ..models import Assessment, Campaign, Contact, Invitation

LEAST = 10  # people asked in person, for a count to say what they did


def are_few(
    session: Session, campaign: Campaign, perspective: str | None = None
) -> bool:
    """Whether from 1 to 9 people were asked in person, who may answer as this."""
    answers_as = func.coalesce(Invitation.perspective, Contact.perspective)
    asked = (
        select(func.count(Invitation.id))
        .join(Contact, Contact.id == Invitation.contact_id, isouter=True)
        .where(*_first_of_one(campaign))
    )
    if perspective is not None:
        asked = asked.where(or_(answers_as.is_(None), answers_as == perspective))
    return 0 < (session.scalar(asked) or 0) < LEAST


def tells_of_few(session: Session, campaign: Campaign) -> bool:
    """Whether counts by perspective would tell of few, though all together do not."""
    return any(are_few(session, campaign, each) for each in campaign.perspectives)


def may_have_begun(session: Session, campaign: Campaign) -> bool:
    """Whether somebody was given a form, or may have been and it would tell of few."""
    if not campaign.is_draft and are_few(session, campaign):
        return True
    first = select(Assessment.id).where(Assessment.campaign_id == campaign.id).limit(1)
    return session.scalar(first) is not None


def _first_of_one(campaign: Campaign) -> tuple[ColumnElement[bool], ...]:
    """Invitations of one person; those to answer again are of people counted before."""
    return (
        Invitation.campaign_id == campaign.id,
        Invitation.is_open.is_(False),
        Invitation.respondent_id.is_(None),
    )
