"""Letting figures out as a job that comes back every night."""


def release_figures(session, job, at_step):
    """Let out the groups that are complete, in every trust."""
    from flask import current_app

    from ..database import utc_now
    from .nightly_release import release_due
    from .rounding import Draws

    release_due(
        session,
        now=utc_now(),
        draws=Draws.of_installation(),
        minimum=current_app.config["PROM"].suppress_below,
    )
    at_step("release", 1, 1)


def count_stops(session, job, at_step):
    """Count anew where people stopped and how long they took, campaign by campaign."""
    from sqlalchemy import select

    from ..database import take_turns, utc_now
    from ..models import Campaign
    from .break_off import count_anew

    now = utc_now()
    for campaign_id in session.scalars(select(Campaign.id)).all():
        campaign = session.get(Campaign, campaign_id)
        if campaign is not None:  # not deleted since
            count_anew(session, campaign, now=now)
        take_turns(session)
