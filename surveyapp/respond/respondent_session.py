"""The session of a respondent: from a link or code to a cookie, and back.

It is a row that the database keeps and a cookie that stands for it: a visit.
"""

from datetime import timedelta

from flask import current_app, g, request
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload, lazyload

from ..assessments import recontact
from ..database import read_alone, utc_now
from ..errors import CampaignClosed, LinkNotValid
from ..extensions import db
from ..links import code_hash, is_code, new_token, token_hash
from ..models import (
    Assessment,
    Campaign,
    Invitation,
    InvitationToken,
    RespondentSession,
)
from . import visit_rows

LONGEST = timedelta(days=400)  # browsers keep no cookie longer
# A visit with all that every page asks of it, in one statement.
VISIT = (
    select(RespondentSession)
    .where(RespondentSession.secret_hash == bindparam("secret_hash"))
    .options(
        joinedload(RespondentSession.invitation, innerjoin=True)
        .joinedload(Invitation.campaign, innerjoin=True)
        .options(
            joinedload(Campaign.trust, innerjoin=True),
            lazyload(Campaign.instruments),  # no page of questions needs them
        ),
        joinedload(RespondentSession.assessment).joinedload(Assessment.consents),
    )
)


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


def enter(session, invitation, *, now, hours, mode="web", assessment=None):
    """Begin a visit; with it the secret for its cookie, of which a hash is kept.

    An invitation leads to the first pages, whatever was answered by it before. Only
    a personal code leads to an `assessment`.
    """
    secret = new_token()
    visit = RespondentSession(
        invitation=invitation,
        mode=mode,
        assessment=assessment,
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
    found = session.execute(VISIT, {"secret_hash": token_hash(secret)})
    visit = found.unique().scalar_one_or_none()
    return visit if visit is not None and visit.is_live(now) else None


def resume(session, assessment, *, now, hours, mode="web"):
    """Begin a visit to unsent answers, or to the thanks for those that were sent.

    `assessment` is what a personal code stands for. That it was used before sending
    is noted: of two sendings by one invitation this one then counts.
    """
    if assessment.is_open and assessment.continued_at is None:
        assessment.continued_at = now
    return enter(
        session,
        assessment.invitation,
        now=now,
        hours=hours,
        mode=mode,
        assessment=assessment,
    )


def is_of_this_device(visit):
    """Whether the person said that this device is theirs, so that it may know them."""
    return visit is not None and bool(visit.is_own_device)


def settle_device(session, visit, is_own):
    """Note whether the device is the person's own. Commits."""
    visit.is_own_device = is_own
    session.commit()


def leave(session, visit, *, now):
    """End the visit: its cookie opens nothing any more."""
    visit.ended_at = now
    session.commit()


def settings():
    return current_app.config["PROM"]


def cookie_name():
    return settings().cookie_name("survey")


def secret():
    """What this browser's cookie holds, or None."""
    return request.cookies.get(cookie_name())


def find_visit():
    """Put the live visit of this browser, or None, where views look for it."""
    g.visit = current(db.session, secret(), now=utc_now())


def find_visit_of_questions():
    """The same as records, for a page of questions, wherever they are enough.

    A request that writes keeps the connection until it ends: what it stores goes by
    it, without a session around it.
    """
    if request.method == "POST":
        g.connection = db.engine.connect()
        found = visit_rows.current(g.connection, secret(), now=utc_now())
    else:
        with read_alone(db.engine) as connection:
            found = visit_rows.current(connection, secret(), now=utc_now())
    if found is not None and not found.suffices:
        let_go_of_connection()
        return find_visit()
    g.visit = found


def let_go_of_connection(_problem=None):
    """Give the connection of this request back; what it did not commit is undone."""
    connection = g.pop("connection", None)
    if connection is not None:
        connection.close()


def hand_over(response, secret, visit=None):
    """Give the browser the visit's cookie, for as long as the device may know it.

    On a device of the person's own it lasts as long as browsers keep any; whether it
    still opens something, the visit says. On a shared one it goes with the browser.
    """
    is_own = visit and visit.is_own_device
    lasts = {
        None: timedelta(hours=settings().respondent_session_hours),
        True: LONGEST,
        False: None,
    }
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=lasts[is_own],
        secure=settings().over_tls,
        httponly=True,
        samesite="Lax",
    )
    return response


def take_back(response):
    """Take the visit's cookie off the browser."""
    response.delete_cookie(cookie_name(), secure=settings().over_tls, httponly=True)
    return response
