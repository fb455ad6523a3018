"""SQLite's log beside the database (-wal), where what was deleted stands for a while.

Pages go through the log as they are, and stay there until others are written over
them. PostgreSQL has no such file.
"""

import time
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from . import audit
from .database import PRAGMAS
from .models import AuditEvent

SHORTLY = 1000  # milliseconds in which others wait
TRIES = 5
PAUSE = 2.0  # seconds between two
KEPT = "log.kept"
LAST_NOTE = (
    select(AuditEvent.action, AuditEvent.at)
    .where(AuditEvent.action.in_((KEPT, "log.emptied")))
    .order_by(AuditEvent.id.desc())
    .limit(1)
)


def empty(session: Session) -> bool:
    """Take out of the log what was deleted or changed since; whether it was possible.

    It is not while somebody reads.
    """
    engine = session.get_bind().engine
    if engine.dialect.name != "sqlite":
        return True
    session.commit()
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={SHORTLY}")
        is_busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        cursor.execute(f"PRAGMA busy_timeout={PRAGMAS['busy_timeout']}")
        connection.close()
    return not is_busy


def empty_or_note(session: Session, *, now: datetime) -> bool:
    """The same, tried some times; the audit has it where it was not possible, and
    when it was again. Commits.
    """
    is_empty = any(_empty_in_turn(session, number) for number in range(TRIES))
    last = session.execute(LAST_NOTE).first()
    if is_empty == (last is not None and last.action == KEPT):
        audit.record(
            session,
            actor="system",
            action="log.emptied" if is_empty else "log.kept",
            subject=None,
            at=now,
        )
    session.commit()
    return is_empty


def _empty_in_turn(session: Session, number: int) -> bool:
    if number:
        time.sleep(PAUSE)
    return empty(session)
