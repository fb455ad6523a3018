"""No more messages: by the link or the code of any message, or on the way out.

It holds for every campaign of the trust. Whoever holds the link may say so; the
worst that a wrong hand can do is that nobody is written to.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..keys import derived_key
from ..links import code_hash, token_hash
from ..models import Contact, Invitation, InvitationToken, Message


def by_token(session: Session, token: str) -> Invitation | None:
    """The personal invitation of a message's link, also one that was closed since."""
    return _by(session, InvitationToken.token_hash == token_hash(token))


def by_code(session: Session, code: str) -> Invitation | None:
    """The same by the code of a letter or a text message."""
    hashed = code_hash(code, derived_key("codes"))
    return _by(session, InvitationToken.short_code_hash == hashed)


def _by(session: Session, condition) -> Invitation | None:  # type: ignore
    return session.scalar(
        select(Invitation)
        .join(InvitationToken)
        .where(condition, Invitation.is_open.is_(False))
    )


def opt_out(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """Write no more to whom this invitation is for. Commits; again changes nothing.

    Where the trust's list is not here, as of letters that were printed from a list,
    the invitation is closed.
    """
    contact_id = invitation.contact_id
    contact = contact_id and session.get(Contact, contact_id, with_for_update=True)
    if contact:
        if contact.opted_out_at is not None:
            session.commit()
            return
        contact.opted_out_at = now
        theirs = select(Invitation.id).where(Invitation.contact_id == contact.id)
    else:
        if invitation.status in ("cancelled", "withdrawn"):
            return
        invitation.status = "cancelled"
        theirs = select(Invitation.id).where(Invitation.id == invitation.id)
    Message.forget(session, Message.invitation_id.in_(theirs), "opted_out")
    audit.record(
        session,
        actor="respondent",
        action="contact.opted_out",
        subject=contact or invitation,
        at=now,
    )
    session.commit()
