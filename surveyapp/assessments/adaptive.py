"""An adaptive form in the journey: each next question is chosen once, and kept.

Choosing happens where an answer is stored, in the same transaction and with the
assessment held, so that reloading, going back or a second tab never shows another
question than was given. Nothing here commits but `see_all`.
"""

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session, object_session

from .. import bank
from ..bank import Item
from ..errors import NotAllowed, NotFound
from ..models import AdaptiveSitting, Assessment, Exposure
from ..models.adaptive_sitting import ALL_QUESTIONS
from ..scoring import next_step
from . import gate
from .journey import journey_of

MADE_UP = "parameters from made-up answers are for the demonstration alone"


def start(assessment: Assessment) -> None:
    """Give the first item, where the form is adaptive; else there is no sitting.

    Raises NotAllowed where the parameters are from made-up answers and the trust is
    a real one, whichever way the campaign was made.
    """
    form = bank.instrument(assessment.instrument)
    if not bank.may_score(form, assessment.campaign.trust):
        raise NotAllowed(MADE_UP)
    if assessment.sitting is not None:
        assessment.sitting = None
        session = object_session(assessment)
        if session is not None:
            session.flush()
    if form.adaptive and assessment.mode != "paper":
        calibration, seed = form.adaptive.calibration, secrets.randbelow(2**31)
        sitting = AdaptiveSitting(calibration=calibration, seed=seed)
        assessment.sitting = sitting
        _give_next(assessment, sitting)


def go_on(
    assessment: Assessment, items: Collection[Item], *, is_sure: bool, now: datetime
) -> None:
    """After a page was stored: the next item, or why there is none.

    An item left without an answer counts as seen once the person is sure of that.
    """
    sitting = assessment.sitting
    if sitting is None or sitting.stop_reason is not None:
        return
    answered = {answer.item_id for answer in assessment.answers}
    latest = sitting.exposures[-1]
    on_page = latest.item_id in {item.id for item in items}
    if latest.item_id in answered or (on_page and is_sure):
        latest.passed_at = now
        _give_next(assessment, sitting)
        pass_settled(assessment, now=now)


def example(assessment: Assessment) -> None:
    """For a preview: the items of somebody who leaves out every question."""
    form = bank.instrument(assessment.instrument)
    if form.adaptive:
        calibration = form.adaptive.calibration
        sitting = AdaptiveSitting(calibration=calibration, seed=0)
        assessment.sitting = sitting
        while sitting.stop_reason is None:
            _give_next(assessment, sitting)


def pass_settled(assessment: Assessment, *, now: datetime) -> None:
    """Go on past what the gate answers; the test counts it without showing it."""
    sitting = assessment.sitting
    form = bank.instrument(assessment.instrument)
    while sitting is not None and sitting.stop_reason is None:
        latest = sitting.exposures[-1]
        if latest.item_id not in gate.settled_items(assessment, form):
            return
        latest.passed_at = now
        _give_next(assessment, sitting)


def _give_next(assessment: Assessment, sitting: AdaptiveSitting) -> None:
    step = next_step(assessment)
    if step.item is None:
        sitting.stop_reason = step.stop_reason
        return
    versions = {i.id: i.version for i in bank.instrument(assessment.instrument).items}
    item_id = str(step.item)
    sitting.exposures.append(
        Exposure(
            step=len(sitting.exposures) + 1,
            item_id=item_id,
            item_version=versions[item_id],
            theta=step.theta,
            se=step.se,
        )
    )


def see_all(session: Session, assessment_id: int) -> str:
    """Ask every question of the fixed form from now on; answers stay. Commits.

    Returns the stop of the first question without an answer.
    """
    assessment = Assessment.locked_open(session, assessment_id)
    if assessment.sitting is None:
        raise NotFound()
    assessment.sitting.stop_reason = ALL_QUESTIONS
    answered = {answer.item_id for answer in assessment.answers}
    journey = journey_of(assessment)
    left = (item for page in journey.pages for item in page if item.id not in answered)
    first = next(left, None)
    stop = (journey.stop_of(first.id) if first else None) or "check"
    assessment.position = journey.position(stop)
    session.commit()
    return stop


def finish(assessment: Assessment) -> None:
    """Whoever sends the answers before the test was over wanted it to end."""
    if assessment.sitting is not None and assessment.sitting.stop_reason is None:
        assessment.sitting.stop_reason = "wish"
