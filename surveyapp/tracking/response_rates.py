"""How many of those invited answered: a share in steps of five percent, no count.

Nobody is told whether somebody took part, so that shares near none and near all are
told by their bounds, of thirty people at least.
"""

from collections import defaultdict

from sqlalchemy import exists, func, or_, select

from ..models import Assessment, Campaign, Invitation, Team
from .rounding import STEP
from .series import successors

LEAST = 30
LOWEST, HIGHEST = 10, 90  # percent


def response_rates(session, trust_id, perspective):
    """Team -> (invited, answered) of personal invitations, in all campaigns.

    An invitation that leaves open whether somebody is a service user or a carer
    counts for both.
    """
    into = successors(session.scalars(select(Team).filter_by(trust_id=trust_id)))
    answered = exists().where(
        Assessment.invitation_id == Invitation.id, Assessment.counts()
    )
    query = (
        select(Invitation.team_id, answered, func.count(Invitation.id))
        .join(Campaign, Campaign.id == Invitation.campaign_id)
        .where(
            Campaign.trust_id == trust_id,
            Invitation.is_open.is_(False),
            Invitation.respondent_id.is_(None),
            Invitation.status != "cancelled",
            or_(
                Invitation.perspective.is_(None),
                Invitation.perspective == perspective,
            ),
        )
        .group_by(Invitation.team_id, answered)
    )
    found = defaultdict(lambda: [0, 0])
    for team_id, is_answered, n in session.execute(query):
        counts = found[into.get(team_id)]
        counts[0] += n
        counts[1] += n if is_answered else 0
    return {team: tuple(counts) for team, counts in found.items()}


def rate_text(invited, answered):
    """A share of people as it may be told."""
    if invited < LEAST:
        return f"fewer than {LEAST} invited"
    share = 100 * answered / invited
    if share < LOWEST:
        return f"under {LOWEST}%"
    if share > HIGHEST:
        return f"over {HIGHEST}%"
    return f"about {STEP * round(share / STEP)}%"
