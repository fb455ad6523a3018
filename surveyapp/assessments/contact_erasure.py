"""One person of a list erased at their wish, and left out of lists that come later.

What is left are keyed hashes of who they are, which name nobody: without them the
next list of the trust would bring the person back.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..calendar import LONDON
from ..models import Contact, StaffUser, Suppression, Trust
from .opt_out import KNOWN_BY, OR_ELSE_BY, remembered
from .retention import forget

KIND = "erased"
REASONS = {
    "asked": "The person asked for it",
    "asked_for_them": "Somebody who may speak for the person asked for it",
    "mistaken": "The person should not have been on a list",
    "restored": "Done again after a backup was put back",
}


def erase(
    session: Session,
    contact: Contact,
    *,
    why: str,
    actor: StaffUser | str,
    now: datetime,
) -> None:
    """Delete all that is held of a contact, and what was still to go to them. Commits.

    `why` is a name in REASONS. Answers are not touched: they have no name, and the
    person takes them back by their own code.
    """
    trust_id, contact_id = contact.trust_id, contact.id
    own = [key for key in contact.keys if not key.is_about]
    known = [key.digest for key in own if key.kind in KNOWN_BY]
    known = known or [key.digest for key in own if key.kind in OR_ELSE_BY]
    today = now.astimezone(LONDON).date()
    held = left_out(session, trust_id, known)
    of = {"trust_id": trust_id, "kind": KIND, "as_of": today}
    of["erasure"] = secrets.token_hex(8)
    new = sorted({*known} - held)
    session.add_all(Suppression(digest=digest, **of) for digest in new)
    # Before it is gone: the event is noted outside the database by who it was.
    audit.record(
        session, actor=actor, action="contact.erased", subject=contact, at=now, why=why
    )
    session.expunge(contact)
    forget(session, [contact_id])
    session.commit()


def left_out(session: Session, trust_id: int, digests: Iterable[str]) -> set[str]:
    """Those of these digests by which somebody was erased in this trust."""
    return remembered(session, trust_id, digests, KIND)


def let_back(
    session: Session, trust_id: int, digests: Iterable[str], *, actor: StaffUser | str
) -> int:
    """Let whom these digests name be brought in by lists again. Commits.

    All marks of these people go, also those by other things that name them. How many
    people there were.
    """
    theirs = (Suppression.trust_id == trust_id, Suppression.kind == KIND)
    known = select(Suppression.erasure).where(
        *theirs, Suppression.digest.in_([*digests])
    )
    people = {*session.scalars(known)}
    marks = select(Suppression).where(*theirs, Suppression.erasure.in_(people))
    for mark in session.scalars(marks).all():
        session.delete(mark)
    if people:
        trust = session.get_one(Trust, trust_id)
        audit.record(
            session,
            actor=actor,
            action="contact.let_back",
            subject=trust,
            n=len(people),
        )
    session.commit()
    return len(people)
