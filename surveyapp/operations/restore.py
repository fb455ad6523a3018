"""`prom restore`: whether a backup can be relied on, and putting it back.

What was ended after the backup was made must not come back to life with it: answers
that were withdrawn, sign-ins that were ended, links and messages that were used.
"""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import flask_migrate
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from .. import audit, schema_version
from ..config import Config
from ..errors import ConfigurationError, FileDamaged
from ..extensions import db
from ..models import Message, RespondentSession, SignInLink, StaffSession
from . import backup, database_copies, erasures

COMPARED = ("revision", "counts", "events")


@dataclass(frozen=True)
class Restored:
    """What was put back, and what was ended again."""

    manifest: dict
    n_erased: int
    n_messages: int  # that may have been sent since, and are not sent again


def check(config: Config, path: Path) -> dict:
    """Read a backup whole and put it together aside; the manifest it agrees with.

    The rows are counted, the seals of the audit verified. The database that is in use
    keeps nothing of it. FileDamaged where anything differs.
    """
    with backup.working_folder(config) as work:
        manifest = _unpack(config, path, work)
        if manifest["kind"] == "sqlite":
            found = database_copies.describe_sqlite(work / database_copies.SQLITE_FILE)
        elif _is_of_these_tables(manifest):
            found = database_copies.check_postgresql(
                work / database_copies.TABLES, manifest
            )
        else:
            raise ConfigurationError(
                f"the backup's tables are of revision {manifest['revision']}, those of "
                "the database are not: check it where they agree, or restore it into "
                "an empty database"
            )
    if differing := [n for n in COMPARED if found[n] != manifest[n]]:
        raise FileDamaged(f"put together, the backup differs in {', '.join(differing)}")
    return manifest


def restore(config: Config, path: Path, *, erased: set[str], now: datetime) -> Restored:
    """Put a backup back where there is nothing yet, and end again what was ended.

    `erased` are withdrawals that were noted outside the database. ConfigurationError
    where there is something that would be written over.
    """
    with backup.working_folder(config) as work:
        manifest = _unpack(config, path, work)
        if schema_version.is_newer(manifest["revision"]):
            raise ConfigurationError("the backup is of a newer version of the software")
        _put_database_back(work, manifest)
        _put_files_back(work / backup.BANK, config.own_bank)
        if config.report_folder:
            _put_files_back(work / backup.REPORTS, Path(config.report_folder))
    flask_migrate.upgrade()
    with Session(db.engine) as session:
        n_erased = erasures.apply(session, erased)
        n_messages = _end_again(session, now)
        audit.record(
            session,
            actor="system",
            action="backup.restored",
            subject=None,
            at=now,
            erased=n_erased,
            messages=n_messages,
        )
        session.commit()
        audit.verify(session)
    return Restored(manifest, n_erased, n_messages)


def _unpack(config: Config, path: Path, work: Path) -> dict:
    manifest = backup.read(path, backup.key_of(config), into=work)
    here = db.engine.dialect.name
    if manifest["kind"] != here:
        raise ConfigurationError(f"the backup is of {manifest['kind']}, not of {here}")
    return manifest


def _is_of_these_tables(manifest: dict) -> bool:
    with db.engine.connect() as connection:
        return schema_version.present(connection) == manifest["revision"]


def _put_database_back(work: Path, manifest: dict) -> None:
    if database_copies.is_sqlite():
        target = Path(db.engine.url.database or "")
        beside = [target, *(Path(f"{target}{end}") for end in ("-wal", "-shm"))]
        if there := [path for path in beside if path.exists()]:
            raise ConfigurationError(f"{there[0]} is there: move it away first")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(work / database_copies.SQLITE_FILE, target)
        os.chmod(target, 0o600)
        return
    if database_copies.has_tables():
        raise ConfigurationError(
            "the database is not empty: make a new one, and name it in DATABASE_URL"
        )
    flask_migrate.upgrade(revision=manifest["revision"])
    database_copies.put_back_postgresql(work / database_copies.TABLES, manifest)


def _put_files_back(source: Path, target: Path) -> None:
    """Put back the files that are not there; those that are stay as they are."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        there = target / path.relative_to(source)
        if path.is_file() and not there.exists():
            there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(path, there)
            os.chmod(there, 0o600)


def _end_again(session: Session, now: datetime) -> int:
    """End what may have been ended, used or sent since; how many messages."""
    session.execute(delete(StaffSession))
    links = update(SignInLink).where(SignInLink.used_at.is_(None))
    session.execute(links.values(used_at=now))
    visits = update(RespondentSession).where(RespondentSession.ended_at.is_(None))
    session.execute(visits.values(ended_at=now))
    perhaps = (Message.status.in_(("due", "sending")), Message.due_at <= now)
    messages = session.scalars(select(Message).where(*perhaps)).all()
    for message in messages:
        message.status = "cancelled"
    return len(messages)
