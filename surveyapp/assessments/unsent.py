"""Answers that were begun and never sent: deleted some days after the last of them.

Whoever opens an invitation on a new device begins anew, so such beginnings come up;
nobody but the holder of the personal code can do anything with them.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, exists, select
from sqlalchemy.orm import Session

from ..database import utc_now
from ..models import (
    Answer,
    AnswerHistory,
    Assessment,
    BackgroundAnswer,
    Comment,
    Invitation,
    Job,
    Respondent,
    RespondentSession,
)

UNSENT_DAYS = 30
# When something last came of an assessment, by what was stored of it.
SIGNS = (
    (Answer.assessment_id, Answer.answered_at),
    (AnswerHistory.assessment_id, AnswerHistory.replaced_at),
    (BackgroundAnswer.assessment_id, BackgroundAnswer.answered_at),
    (Comment.assessment_id, Comment.written_at),
    (RespondentSession.assessment_id, RespondentSession.created_at),
)


def delete_unsent(session: Session, *, now: datetime) -> int:
    """Delete beginnings that nothing was added to for 30 days; how many. Commits each.

    With one go its answers, consents and visits, and the random name of somebody of
    whom nothing else is kept.
    """
    before = now - timedelta(days=UNSENT_DAYS)
    n = 0
    for assessment_id in session.scalars(_ids(before)).all():
        assessment = Assessment.locked(session, assessment_id)
        if assessment is not None and assessment.is_open:
            _delete(session, assessment)
            n += 1
        session.commit()
    return n


def delete_unsent_answers(session: Session, job: Job, at_step: Any) -> None:
    """The same as a job of every night."""
    delete_unsent(session, now=utc_now())


def _ids(before: datetime) -> Select[int]:
    lately = [
        exists().where(of == Assessment.id, at > before).correlate(Assessment)
        for of, at in SIGNS
    ]
    return (
        select(Assessment.id)
        .where(
            Assessment.submitted_at.is_(None),
            Assessment.withdrawn_at.is_(None),
            Assessment.started_at <= before,
            *(~sign for sign in lately),
        )
        .order_by(Assessment.id)
    )


def _delete(session: Session, assessment: Assessment) -> None:
    respondent_id = assessment.respondent_id
    visits = RespondentSession.assessment_id == assessment.id
    session.execute(delete(RespondentSession).where(visits))
    session.delete(assessment)
    session.flush()
    of_others = [
        exists().where(kind.respondent_id == respondent_id)
        for kind in (Assessment, Invitation)
    ]
    alone = select(Respondent).where(
        Respondent.id == respondent_id, *(~other for other in of_others)
    )
    respondent = session.scalar(alone)
    if respondent is not None:
        session.delete(respondent)
