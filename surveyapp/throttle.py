"""Guessing is slowed down for all workers together, because it is counted in rows.

What is counted is a keyed hash of who asks and for what, so that the table says
nothing of anyone. Only failures count, and they are forgotten after a while.
"""

import hmac
from datetime import timedelta

from sqlalchemy import delete, func, select

from .errors import TooManyAttempts
from .models import Attempt

WINDOW = timedelta(minutes=15)
LIMIT = 10


def key_of(secret, *parts):
    """The hash under which failures are counted, for one purpose and asker."""
    return hmac.new(secret.encode(), "|".join(parts).encode(), "sha256").hexdigest()


def check(session, key, *, now, limit=LIMIT, window=WINDOW):
    """Raise TooManyAttempts once `limit` failures lie within the window."""
    recent = select(func.count()).where(Attempt.key == key, Attempt.at > now - window)
    if session.scalar(recent) >= limit:
        raise TooManyAttempts(int(window.total_seconds()))


def note_failure(session, key, *, now, window=WINDOW):
    """Count one failure, and forget those that no longer matter. Commits."""
    session.execute(delete(Attempt).where(Attempt.at < now - 2 * window))
    session.add(Attempt(key=key, at=now))
    session.commit()
