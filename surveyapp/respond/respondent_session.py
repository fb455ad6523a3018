"""The session of a respondent: from a link or code to a cookie, and back.

It is a row that the database keeps and a cookie that stands for it: a visit.
"""

from datetime import timedelta

from flask import current_app, g, request
from sqlalchemy import select

from ..assessments import recontact
from ..assessments.start import find_begun
from ..database import utc_now
from ..errors import CampaignClosed, LinkNotValid
from ..extensions import db
from ..links import code_hash, is_code, new_token, token_hash
from ..models import InvitationToken, RespondentSession


def find_by_token(session, token, *, now):
    """The invitation of a link; LinkNotValid, or CampaignClosed out of its time."""
    return _admitted(session, now, token_hash=token_hash(token))


def find_by_code(session, typed, key, *, now):
    """The invitation of a typed code; a misspelt one is refused without a look."""
    if not is_code(typed):
        raise LinkNotValid()
    return _admitted(session, now, short_code_hash=code_hash(typed, key))


def _admitted(session, now, **hashed):
    invitation = InvitationToken.invitation_by(session, **hashed)
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
        assessment=find_begun(session, invitation, now=now),
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


def settings():
    return current_app.config["PROM"]


def cookie_name():
    return settings().cookie_name("survey")


def find_visit():
    """Put the live visit of this browser, or None, where views look for it."""
    secret = request.cookies.get(cookie_name())
    g.visit = current(db.session, secret, now=utc_now())


def hand_over(response, secret):
    """Give the browser the visit's cookie."""
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=timedelta(hours=settings().respondent_session_hours),
        secure=settings().over_tls,
        httponly=True,
        samesite="Lax",
    )
    return response


def take_back(response):
    """Take the visit's cookie off the browser."""
    response.delete_cookie(cookie_name(), secure=settings().over_tls, httponly=True)
    return response
