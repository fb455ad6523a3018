"""Numbers of links that are made together: the list's, then the link's own, as 3-17."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Campaign, Invitation


def next_list(session: Session, campaign: Campaign) -> int:
    """The number of the next list of links, or run of letters, of a campaign."""
    mine = Invitation.campaign_id == campaign.id, Invitation.is_open.is_(False)
    labels = session.scalars(select(Invitation.label).where(*mine))
    numbers = ((label or "").partition("-")[0] for label in labels)
    return 1 + max((int(n) for n in numbers if n.isdecimal()), default=0)
