"""What stands on a chart beside its points: target, step changes, borders of campaigns.

A border is the day on which a later campaign with the same form opened, of whose
answers some were let out: for the team, or for any team of the trust. Another form,
or another way to score, is a series and a chart of its own.
"""

from sqlalchemy import select

from ..calendar import LONDON
from ..models import Assessment, Campaign, Team
from . import targets
from .charts import Border, Notes, Step


def notes_of(session, trust_id, perspective, team_id, family):
    """The `Notes` of a team's chart, or of the trust's where there is no team."""
    place = trust_id, perspective, team_id
    target = targets.target_of(session, *place)
    steps = targets.steps_of(session, *place)
    return Notes(
        steps=tuple(Step(step.starts_on, step.reason) for step in steps),
        borders=tuple(_borders(session, *place, family)),
        target=None if target is None else target.value,
    )


def _borders(session, trust_id, perspective, team_id, family):
    """When each campaign with this form opened, of whose answers some were let out."""
    query = select(Campaign).filter_by(trust_id=trust_id).order_by(Campaign.opens_at)
    if team_id is not None:
        query = query.where(Campaign.teams.any(Team.id == team_id))
    for campaign in session.scalars(query).all():
        if not _gives(campaign, perspective, family):
            continue
        let_out = select(Assessment.id).where(
            Assessment.campaign_id == campaign.id,
            Assessment.perspective == perspective,
            Assessment.released_group_id.is_not(None),
        )
        # In the order of an index: its first row tells, however many others there are.
        let_out = let_out.order_by(Assessment.campaign_id, Assessment.submitted_at)
        if session.scalar(let_out.limit(1)) is not None:
            day = campaign.opens_at.astimezone(LONDON).date()
            yield Border(day, f"Campaign: {campaign.title}")


def _gives(campaign, perspective, family):
    """Whether the campaign gives this very form: adaptive answers are in no group."""
    offers = perspective in campaign.perspectives
    return offers and campaign.instrument_ref(perspective) == family
