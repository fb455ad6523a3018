"""The coordinator's download of how often each item of an adaptive form was given."""

from flask import current_app

from .. import audit, bank
from ..assessments.counting import came_openly
from ..assessments.exposure import exposure
from ..assessments.queries import submitted
from ..csv_cells import csv_text
from ..errors import NotFound, NothingToExport


def adaptive_perspectives(campaign):
    """The perspectives to which a campaign gives an adaptive form."""
    return [
        perspective
        for perspective in campaign.perspectives
        if bank.instrument(campaign.instrument_ref(perspective)).adaptive
    ]


def exposure_csv(session, campaign, perspective, *, actor):
    """Rates by item as CSV; NothingToExport while few invited people have answered.

    Which items were given to one person tells much of what they answered. Commits
    the audit event.
    """
    if perspective not in adaptive_perspectives(campaign):
        raise NotFound()
    sent = [a for a in submitted(session, campaign, perspective) if a.sitting]
    people = {a.respondent_id for a in sent} - came_openly(session, campaign)
    if len(people) < current_app.config["PROM"].suppress_below:
        raise NothingToExport()
    audit.record(
        session,
        actor=actor,
        action="exposure.exported",
        subject=campaign,
        n=len(sent),
        perspective=perspective,
    )
    session.commit()
    form = bank.instrument(campaign.instrument_ref(perspective))
    return csv_text(exposure(sent, form))
