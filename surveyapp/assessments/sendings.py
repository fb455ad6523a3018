"""Two sendings by one personal invitation: both are kept, and one counts.

A letter may be opened by somebody else, and nobody can tell who. So whoever opens an
invitation begins anew, and what was sent by it is told apart: that which was gone on
with by its personal code counts, else that which was sent first.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Assessment, Invitation


def hold(session: Session, assessment_id: int) -> None:
    """Hold the personal invitation of an assessment, before the assessment itself.

    Two sendings, or a sending and a withdrawal, then take turns.
    """
    of = select(Assessment.invitation_id).where(Assessment.id == assessment_id)
    held = select(Invitation).where(
        Invitation.id.in_(of), Invitation.is_open.is_(False)
    )
    session.scalar(held.with_for_update().execution_options(populate_existing=True))


def set_aside(assessment: Assessment) -> None:
    """What is sent does not count until `settle` has looked at the others."""
    if assessment.invitation is not None and not assessment.invitation.is_open:
        assessment.duplicate_number = 2


def settle(session: Session, invitation: Invitation | None, wave: int) -> None:
    """Number what does not count of an invitation's wave; the caller commits.

    Called whenever something was sent or withdrawn, with the invitation held.
    """
    if invitation is None or invitation.is_open:
        return
    session.flush()
    sent = session.scalars(
        select(Assessment).where(
            Assessment.invitation_id == invitation.id,
            Assessment.wave == wave,
            Assessment.submitted_at.is_not(None),
            Assessment.withdrawn_at.is_(None),
        )
    ).all()
    _number(session, sorted(sent, key=_rank))


def _rank(sent: Assessment) -> tuple[Any, ...]:
    return sent.continued_at is None, sent.submitted_at, sent.id


def _number(session: Session, ranked: list[Assessment]) -> None:
    """The first counts, and so does what the same person gave in another role."""
    others = [each for each in ranked[1:] if are_rivals(ranked[0], each)]
    numbers = {each.id: n for n, each in enumerate(others, start=2)}
    # First what stops counting: an index lets one of a later wave count.
    for each in sorted(ranked, key=lambda one: one.id not in numbers):
        each.duplicate_number = numbers.get(each.id)
        session.flush()


def are_rivals(one: Assessment, other: Assessment) -> bool:
    """Whether two answerings by one invitation cannot both be of its person."""
    is_same_person = one.respondent_id == other.respondent_id
    return not is_same_person or one.perspective == other.perspective
