"""From a link or a code to a cookie, and back to what the person had begun."""

from datetime import timedelta

from sqlalchemy import select

from ..assessments import recontact
from ..assessments.start import begun
from ..errors import CampaignClosed, LinkNotValid
from ..links import code_hash, is_code, new_token, token_hash
from ..models import Invitation, RespondentSession


def find_by_token(session, token, *, now):
    """The invitation of a link; LinkNotValid, or CampaignClosed out of its time."""
    return _admitted(session, Invitation.token_hash == token_hash(token), now)


def find_by_code(session, typed, key, *, now):
    """The invitation of a typed code; a misspelt one is refused without a look."""
    if not is_code(typed):
        raise LinkNotValid()
    wanted = code_hash(typed, key)
    return _admitted(session, Invitation.short_code_hash == wanted, now)


def _admitted(session, condition, now):
    invitation = session.scalar(select(Invitation).where(condition))
    if invitation is None:
        raise LinkNotValid()
    if not invitation.admits(now):
        raise CampaignClosed()
    if invitation.asks_again:
        recontact.admit(session, invitation, now=now)
    return invitation


def enter(session, invitation, *, now, hours, mode="web"):
    """Begin a visit; with it the secret for its cookie, of which a hash is kept.

    A personal link leads back to the assessment that it began, on any device.
    """
    secret = new_token()
    visit = RespondentSession(
        invitation=invitation,
        mode=mode,
        assessment=begun(session, invitation, now=now),
        secret_hash=token_hash(secret),
        created_at=now,
        expires_at=now + timedelta(hours=hours),
    )
    session.add(visit)
    session.commit()
    return visit, secret


def current(session, secret, *, now):
    """The live visit that a cookie stands for, or None."""
    if not secret:
        return None
    visit = session.scalar(
        select(RespondentSession).where(
            RespondentSession.secret_hash == token_hash(secret)
        )
    )
    return visit if visit is not None and visit.is_live(now) else None


def leave(session, visit, *, now):
    """End the visit: its cookie opens nothing any more."""
    visit.ended_at = now
    session.commit()
