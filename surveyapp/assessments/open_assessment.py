"""An assessment that still takes answers, and the order of its pages."""

from ..errors import AssessmentClosed, NotFound
from ..models import Assessment
from . import gate
from .adaptive_journey import AdaptiveJourney
from .journey import Journey
from .questions import chosen, plan_of


def find_open(session, assessment_id):
    """The assessment, held until the commit; AssessmentClosed once it was sent."""
    assessment = Assessment.locked(session, assessment_id)
    if assessment is None:
        raise NotFound()
    if not assessment.is_open:
        raise AssessmentClosed()
    return assessment


def journey_of(assessment):
    """The order of pages for this person, as they asked to see them."""
    shown = assessment.presentation or {}
    per_page = int(shown.get("per_page") or assessment.campaign.items_per_page)
    plan = plan_of(assessment)
    at_gate = {
        "settled": frozenset(gate.settled_items(assessment, plan.instrument)),
        "asks_wanted": gate.asks_wanted(assessment, plan.instrument),
    }
    if plan.given is None:
        return Journey(plan.instrument, per_page, plan.follow_up, **at_gate)
    goes_on = assessment.sitting is not None and assessment.sitting.stop_reason is None
    return AdaptiveJourney(
        plan.instrument,
        follow_up=plan.follow_up,
        given=plan.given,
        at_most=plan.whole.adaptive.max_items if goes_on else None,
        n_all=len(chosen(plan.whole.ref, plan.given, True).items),
        **at_gate,
    )
