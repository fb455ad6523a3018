"""Withdrawal: the answers go at once; that someone withdrew is what stays."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from .. import audit
from ..models import (
    Assessment,
    Invitation,
    KeyedForm,
    Message,
    RespondentSession,
    Score,
)
from . import recontact, sendings


def withdraw_paper(session: Session, invitation_id: int, *, now: datetime) -> None:
    """Refuse what may still arrive on paper, by the code that is printed there; once.

    What was said online by the same invitation has a code of its own.
    """
    invitation = session.get_one(Invitation, invitation_id, with_for_update=True)
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


def others(session: Session, assessment: Assessment) -> Sequence[Assessment]:
    """What else a code reaches: the same person's other perspective, and later times.

    Not earlier times: whoever holds the link for next time can get a code by it, and
    no link withdraws. Nor another beginning by that link, for the same reason.
    """
    return session.scalars(
        select(Assessment)
        .where(Assessment.respondent_id == assessment.respondent_id)
        .where(Assessment.id != assessment.id)
        .where(Assessment.withdrawn_at.is_(None))
        .where(
            or_(
                Assessment.wave > assessment.wave,
                and_(
                    Assessment.wave == assessment.wave,
                    Assessment.perspective != assessment.perspective,
                ),
            )
        )
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
        sendings.hold(session, one)
        assessment = Assessment.locked(session, one)
        if assessment is not None and assessment.withdrawn_at is None:
            _forget(session, assessment, now)
            sendings.settle(session, assessment.invitation, assessment.wave)
    session.commit()


def _forget(session: Session, assessment: Assessment, now: datetime) -> None:
    assessment.withdrawn_at = now
    assessment.forget_answers()
    assessment.care_plan = assessment.wants_plan = assessment.assisted_by = None
    assessment.presentation = {}
    session.execute(delete(Score).where(Score.assessment_id == assessment.id))
    ways = [*_ways_in(session, assessment)]
    closed = [invitation.id for invitation in ways]
    for_next_time = [i.id for i in ways if i.asks_again]
    session.execute(
        update(RespondentSession)
        .where(
            or_(
                RespondentSession.assessment_id == assessment.id,
                and_(
                    RespondentSession.invitation_id.in_(for_next_time),
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
    Message.forget(session, Message.invitation_id.in_(closed), "withdrawn")
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
