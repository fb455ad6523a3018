"""Submission: the answers count from here on, and are scored, once and for all."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..bank import Question
from ..errors import AssessmentClosed
from ..links import new_receipt
from ..models import Assessment, BackgroundAnswer, Invitation
from ..scoring import score_assessment
from . import adaptive, recontact


def submit(session: Session, assessment_id: int, *, now: datetime) -> str | None:
    """Close the assessment and score it, in one transaction; once and for all.

    A second call, from another tab or after a lost connection, changes nothing.
    """
    assessment = Assessment.locked(session, assessment_id)
    if assessment is None or assessment.withdrawn_at is not None:
        raise AssessmentClosed()
    if assessment.submitted_at is None:
        close(session, assessment, now=now)
    session.commit()
    return assessment.receipt_code


def close(
    session: Session,
    assessment: Assessment,
    *,
    now: datetime,
    at: datetime | None = None
) -> None:
    """Close a locked assessment, give it its receipt and score it; the caller commits.

    `at` is when the answers count as given, where that was before they came in.
    """
    assessment.submitted_at = at or now
    assessment.receipt_code = receipt_for(session, assessment.invitation)
    assessment.position = "done"
    adaptive.finish(assessment)
    session.add_all(score_assessment(assessment, now=now))
    if assessment.invitation is not None and not assessment.invitation.is_open:
        assessment.invitation.status = "answered"
    recontact.invite(session, assessment)


def receipt_for(session: Session, invitation: Invitation | None) -> str:
    """The receipt that paper promised to this person if still free, or a new one."""
    promised = invitation.promised_receipt if invitation is not None else None
    taken = promised and session.scalar(
        select(Assessment.id).where(Assessment.receipt_code == promised)
    )
    return promised if promised and not taken else new_receipt()


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
