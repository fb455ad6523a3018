"""How many of those invited answered: a share in steps of five percent, no count.

Nobody is told whether somebody took part, so that shares near none and near all are
told by their bounds, of thirty people at least.
"""

from collections import defaultdict

from sqlalchemy import delete, exists, func, or_, select

from ..bank import PERSPECTIVES
from ..models import Assessment, Campaign, Invitation, ReleasedRate
from .rounding import STEP
from .series import successors_in

LEAST = 30
LOWEST, HIGHEST = 10, 90  # percent


def count_rates(session, trust_id):
    """Count who was invited and who answered, in place of what was counted. Commits.

    All is counted before anything is written: nobody who answers waits for it.
    """
    rates = [
        ReleasedRate(
            trust_id=trust_id,
            perspective=perspective,
            team_id=team_id,
            n_invited=n_invited,
            n_answered=n_answered,
        )
        for perspective in PERSPECTIVES
        for team_id, (n_invited, n_answered) in _count(
            session, trust_id, perspective
        ).items()
    ]
    session.execute(delete(ReleasedRate).where(ReleasedRate.trust_id == trust_id))
    session.add_all(rates)
    session.commit()


def response_rates(session, trust_id, perspective):
    """Team -> (invited, answered) as of last night, merged teams together.

    None is people of no team; empty before the first night.
    """
    into = successors_in(session, trust_id)
    query = select(
        ReleasedRate.team_id, ReleasedRate.n_invited, ReleasedRate.n_answered
    ).filter_by(trust_id=trust_id, perspective=perspective)
    found = {}
    for team_id, *counts in session.execute(query):
        team = into.get(team_id)
        held = found.get(team, (0, 0))
        found[team] = tuple(a + b for a, b in zip(held, counts))
    return found


def _count(session, trust_id, perspective):
    """Team -> (invited, answered) of personal invitations, in all campaigns.

    An invitation that leaves open whether somebody is a service user or a carer
    counts for both.
    """
    into = successors_in(session, trust_id)
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
    found[None]  # a row of nobody tells that the night has counted
    for team_id, is_answered, n in session.execute(query):
        counts = found[into.get(team_id)]
        counts[0] += n
        counts[1] += n if is_answered else 0
    return found


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
