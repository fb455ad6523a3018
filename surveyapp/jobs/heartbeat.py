"""A worker's word that it is alive, kept where every machine can read it."""

import os
import socket
import uuid
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from .. import logs
from ..database import utc_now
from ..extensions import db
from ..models import WorkerBeat

BEAT = 10.0  # seconds between two
KEPT = timedelta(days=1)  # of workers that ended without a word


def beat_until_stopped(app, stopping):
    """Say every few seconds that this worker is alive, and in the end that it went.

    A database that is away or busy is asked again at the next beat.
    """
    name, began = worker_name(), utc_now()
    while not stopping.is_set():
        _try(app, lambda session: beat(session, name, began, now=utc_now()))
        stopping.wait(BEAT)
    _try(app, lambda session: leave(session, name))


def worker_name():
    """Machine, process, and something random: containers share the first two."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def beat(session, name, began, *, now):
    """Note that a worker is alive. Commits."""
    mine = update(WorkerBeat).where(WorkerBeat.name == name)
    if not session.execute(mine.values(seen_at=now)).rowcount:
        session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at < now - KEPT))
        session.add(WorkerBeat(name=name, started_at=began, seen_at=now))
    session.commit()


def leave(session, name):
    """Take the row of a worker away that has ended. Commits."""
    session.execute(delete(WorkerBeat).where(WorkerBeat.name == name))
    session.commit()


def _try(app, note):
    try:
        with app.app_context(), Session(db.engine) as session:
            note(session)
    except Exception as problem:
        logs.broken(problem, event="worker")
