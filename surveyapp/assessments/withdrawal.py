"""Withdrawal: the answers go at once; that someone withdrew is what stays."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from .. import audit
from ..links import RECEIPT_LENGTH, is_code, read_code
from ..models import (
    Assessment,
    Invitation,
    KeyedForm,
    Message,
    RespondentSession,
    Score,
)
from . import recontact


def find(session: Session, typed: str) -> Assessment | None:
    """The assessment of a receipt code, or None."""
    if not is_code(typed, RECEIPT_LENGTH):
        return None
    receipt = read_code(typed)
    return session.scalar(select(Assessment).where(Assessment.receipt_code == receipt))


def find_promise(session: Session, typed: str) -> Invitation | None:
    """The invitation whose paper promised this receipt, before anything was sent."""
    if not is_code(typed, RECEIPT_LENGTH):
        return None
    promised = Invitation.promised_receipt == read_code(typed)
    return session.scalar(select(Invitation).where(promised))


def withdraw_promise(session: Session, invitation_id: int, *, now: datetime) -> None:
    """Refuse what may still arrive on paper, and delete what was begun online; once."""
    invitation = session.get_one(Invitation, invitation_id, with_for_update=True)
    begun = session.scalars(
        select(Assessment.id)
        .where(Assessment.invitation_id == invitation_id)
        .where(Assessment.withdrawn_at.is_(None))
    ).all()
    if invitation.status != "withdrawn":
        invitation.status = "withdrawn"
        KeyedForm.withdraw(session, invitation_id, now=now)
        audit.record(
            session,
            actor="respondent",
            action="invitation.withdrawn",
            subject=invitation,
            at=now,
        )
    session.commit()
    for assessment_id in begun:
        withdraw(session, assessment_id, now=now)


def others(session: Session, assessment: Assessment) -> Sequence[Assessment]:
    """What else the same person gave, from another perspective or at another time."""
    return session.scalars(
        select(Assessment)
        .where(Assessment.respondent_id == assessment.respondent_id)
        .where(Assessment.id != assessment.id)
        .where(Assessment.withdrawn_at.is_(None))
        .order_by(Assessment.id)
    ).all()


def withdraw(
    session: Session, assessment_id: int, *, now: datetime, everything: bool = False
) -> None:
    """Delete answers, comments and scores, end every visit, and note it; once.

    With `everything`, those of the same person from other times and perspectives
    too. What stays is that somebody took part and withdrew, and what was agreed to:
    the trust must be able to show that it had consent, and that it did this.
    """
    asked = session.get_one(Assessment, assessment_id)
    also = [other.id for other in others(session, asked)] if everything else []
    for one in sorted([assessment_id, *also]):
        assessment = Assessment.locked(session, one)
        if assessment is not None and assessment.withdrawn_at is None:
            _forget(session, assessment, now)
    session.commit()


def _forget(session: Session, assessment: Assessment, now: datetime) -> None:
    assessment.withdrawn_at = now
    assessment.forget_answers()
    assessment.care_plan = assessment.wants_plan = assessment.assisted_by = None
    assessment.presentation = {}
    session.execute(delete(Score).where(Score.assessment_id == assessment.id))
    closed = [i.id for i in _ways_in(session, assessment)]
    session.execute(
        update(RespondentSession)
        .where(
            or_(
                RespondentSession.assessment_id == assessment.id,
                and_(
                    RespondentSession.invitation_id.in_(closed),
                    RespondentSession.assessment_id.is_(None),
                ),
            )
        )
        .values(ended_at=now)
    )
    for invitation_id in closed:
        KeyedForm.withdraw(session, invitation_id, now=now)
    update_closed = update(Invitation).where(Invitation.id.in_(closed))
    session.execute(update_closed.values(status="withdrawn"))
    session.execute(
        update(Message)
        .where(Message.invitation_id.in_(closed), Message.status == "due")
        .values(status="cancelled")
    )
    audit.record(
        session,
        actor="respondent",
        action="assessment.withdrawn",
        subject=assessment,
        at=now,
    )


def _ways_in(session: Session, assessment: Assessment) -> Iterator[Invitation]:
    """Invitations of this person alone that lead to what is withdrawn, or back."""
    came_by = assessment.invitation
    if came_by is not None and not came_by.is_open:
        yield came_by
    back = recontact.invitation_of(session, assessment)
    if back is not None and back is not came_by:
        yield back
