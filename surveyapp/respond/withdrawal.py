"""Withdrawal: the answers go at once; that someone withdrew is what stays."""

from sqlalchemy import delete, select, update

from .. import audit
from ..links import RECEIPT_LENGTH, is_code, read_code
from ..models import Assessment, Invitation, KeyedForm, RespondentSession, Score


def find(session, typed):
    """The assessment of a receipt code, or None."""
    if not is_code(typed, RECEIPT_LENGTH):
        return None
    receipt = read_code(typed)
    return session.scalar(select(Assessment).where(Assessment.receipt_code == receipt))


def find_promise(session, typed):
    """The invitation whose paper promised this receipt, before anything was sent."""
    if not is_code(typed, RECEIPT_LENGTH):
        return None
    promised = Invitation.promised_receipt == read_code(typed)
    return session.scalar(select(Invitation).where(promised))


def withdraw_promise(session, invitation_id, *, now):
    """Refuse what may still arrive on paper, and delete what was begun online; once."""
    invitation = session.get(Invitation, invitation_id, with_for_update=True)
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
            subject=f"invitation:{invitation_id}",
            trust_id=invitation.campaign.trust_id,
            at=now,
        )
    session.commit()
    for assessment_id in begun:
        withdraw(session, assessment_id, now=now)


def withdraw(session, assessment_id, *, now):
    """Delete answers, comments and scores, end every visit, and note it; once.

    What stays is that somebody took part and withdrew, and what was agreed to:
    the trust must be able to show that it had consent, and that it did this.
    """
    assessment = Assessment.locked(session, assessment_id)
    if assessment.withdrawn_at is None:
        assessment.withdrawn_at = now
        assessment.forget_answers()
        assessment.care_plan = None
        session.execute(delete(Score).where(Score.assessment_id == assessment_id))
        session.execute(
            update(RespondentSession)
            .where(RespondentSession.assessment_id == assessment_id)
            .values(ended_at=now)
        )
        invitation = assessment.invitation
        if invitation is not None and not invitation.is_open:
            invitation.status = "withdrawn"
            KeyedForm.withdraw(session, invitation.id, now=now)
        audit.record(
            session,
            actor="respondent",
            action="assessment.withdrawn",
            subject=f"assessment:{assessment_id}",
            trust_id=assessment.campaign.trust_id,
            at=now,
        )
    session.commit()
