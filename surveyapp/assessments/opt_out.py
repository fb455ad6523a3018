"""No more messages: by the link or the code of any message, or on the way out.

It holds for every campaign of the trust, and longer than the details of whoever said
it: keyed hashes stay, by which a later list does not bring them back as willing.
Whoever holds the link may say so; the worst that a wrong hand can do is that nobody
is written to.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from .. import audit
from ..calendar import LONDON
from ..database import utc_now
from ..keys import derived_key
from ..links import code_hash, token_hash
from ..many_values import among
from ..models import (
    Contact,
    ContactKey,
    Invitation,
    InvitationToken,
    Message,
    Suppression,
)

KIND = "said_no"
# Of the blind indexes, those by which nobody else is likely to be meant.
KNOWN_BY = ("nhs", "person", "name_birth", "name_post")
# Those by which a namesake at the same place is meant too: of whom no other is held.
OR_ELSE_BY = ("name_email", "name_phone")


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


def outlasts(session: Session, contact_ids: Sequence[int]) -> None:
    """Keep noes of contacts whose details go, as keyed hashes; the caller commits."""
    surer = aliased(ContactKey)
    is_all_there_is = ContactKey.kind.in_(OR_ELSE_BY) & ~exists().where(
        surer.contact_id == Contact.id,
        surer.kind.in_(KNOWN_BY),
        surer.is_about.is_(False),
    )
    theirs = session.execute(
        select(Contact.trust_id, ContactKey.digest)
        .join(ContactKey, ContactKey.contact_id == Contact.id)
        .where(Contact.id.in_(contact_ids), Contact.opted_out_at.is_not(None))
        .where(or_(ContactKey.kind.in_(KNOWN_BY), is_all_there_is))
        .where(ContactKey.is_about.is_(False))
    )
    today = utc_now().astimezone(LONDON).date()
    session.add_all(
        Suppression(trust_id=trust_id, digest=digest, kind=KIND, as_of=today)
        for trust_id, digest in sorted({*map(tuple, theirs)})
    )


def remembered(
    session: Session, trust_id: int, digests: Iterable[str], kind: str = KIND
) -> set[str]:
    """Those of these digests by which somebody is remembered whose details have gone.

    `kind` is why: a no, or an erasure.
    """
    wanted = [*digests]
    if not wanted:
        return set()
    kept = select(Suppression.digest).where(
        Suppression.trust_id == trust_id,
        Suppression.kind == kind,
        among(session, Suppression.digest, wanted),
    )
    return {*session.scalars(kept)}
