"""Submission: the answers count from here on, and are scored, once and for all."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from ..bank import Question
from ..errors import AssessmentClosed
from ..models import Assessment, BackgroundAnswer
from ..scoring import score_assessment
from . import adaptive, personal_code, recontact, sendings
from .personal_code import PersonalCode


def submit(
    session: Session, assessment_id: int, *, now: datetime
) -> PersonalCode | None:
    """Close the assessment and score it, in one transaction; once and for all.

    A second call, from another tab or after a lost connection, changes nothing.
    """
    sendings.hold(session, assessment_id)
    assessment = Assessment.locked(session, assessment_id)
    if assessment is None or assessment.withdrawn_at is not None:
        raise AssessmentClosed()
    if assessment.submitted_at is None:
        close(session, assessment, now=now)
    session.commit()
    return personal_code.shown(assessment)


def close(
    session: Session,
    assessment: Assessment,
    *,
    now: datetime,
    at: datetime | None = None,
) -> None:
    """Close a locked assessment, give it its code and score it; the caller commits.

    `at` is when the answers count as given, where that was before they came in.
    """
    sendings.set_aside(assessment)
    # The clock may have been set back since: nothing is sent before it began.
    assessment.submitted_at = at or max(now, assessment.started_at)
    if assessment.mode == "paper":
        personal_code.give_printed(session, assessment)
    personal_code.issue(assessment)
    assessment.position = "done"
    adaptive.finish(assessment)
    session.add_all(score_assessment(assessment, now=now))
    if assessment.invitation is not None:
        assessment.invitation.advance("answered")
    sendings.settle(session, assessment.invitation, assessment.wave)
    recontact.invite(session, assessment)


def keep_background(
    assessment: Assessment, values: Iterable[tuple[Question, str]], *, now: datetime
) -> None:
    """Keep the answers to questions beside the items, each in one row.

    `values` are pairs of a question and its code, or text; codes of many are parted
    by semicolons. An empty value takes the row away.
    """
    stored = {row.question_id: row for row in assessment.background}
    for question, value in values:
        row = stored.get(question.id)
        if not value:
            if row is not None:
                assessment.background.remove(row)
            continue
        if row is None:
            row = BackgroundAnswer(question_id=question.id)
            assessment.background.append(row)
        row.value, row.question_version, row.answered_at = value, question.version, now
