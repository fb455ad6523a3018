"""Who counts where a smallest number of people must be reached.

Whoever has a poster's link can make up as many people as they like, and so find out
what the one real person among them said. People who came by such a link are never
counted towards a minimum; what they said is added once others are enough.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from ..models import Assessment, Campaign, Invitation

OPEN_PEOPLE = 20
OPEN_DAYS = 14
OPEN_A_DAY = 5
OPEN_RULE = (
    f"People who came by an open link count only where there are {OPEN_PEOPLE} of them"
    f" from {OPEN_DAYS} days or more, {OPEN_A_DAY} of one day at most."
)


def through_open_links() -> Select[int]:
    """A query for the respondents who came by a link that many may use."""
    return (
        select(Assessment.respondent_id)
        .join(Invitation, Assessment.invitation_id == Invitation.id)
        .where(Invitation.is_open)
    )


def came_by_an_open_link() -> ColumnElement[bool]:
    """For queries: whether an assessment's respondent came by a link of many.

    Asked person by person, as of a few of very many.
    """
    other, by = aliased(Assessment), aliased(Invitation)
    return (
        select(other.id)
        .join(by, by.id == other.invitation_id)
        .where(other.respondent_id == Assessment.respondent_id, by.is_open)
        .correlate(Assessment)
        .exists()
    )


def came_openly(session: Session, campaign: Campaign) -> set[int]:
    """Numbers of the respondents of a campaign who came by a link of many."""
    of_campaign = Assessment.campaign_id == campaign.id
    return set(session.scalars(through_open_links().where(of_campaign)))


def are_enough(n_invited: int, open_days: Iterable[date], minimum: int) -> bool:
    """Whether people are enough for those to see them who may see each answer anyway.

    `open_days` holds the day on which each who came by an open link sent answers.
    Those alone have to be 20, at most 5 of one day counted, over 14 days at least:
    a made-up crowd would have to be made up for two weeks.
    """
    if n_invited >= minimum:
        return True
    days = Counter(open_days)
    n = sum(min(count, OPEN_A_DAY) for count in days.values())
    lasted = (max(days) - min(days)).days + 1 if days else 0
    return n >= max(OPEN_PEOPLE, minimum) and lasted >= OPEN_DAYS
