"""Whether answers can be stored and work is done, told within a second.

What is asked of the database is asked on a connection of its own, in a thread that
nobody waits for beyond `DEADLINE`: a database that is locked or hangs is a finding.
"""

import shutil
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from .. import schema_version
from ..database import utc_now
from ..extensions import ENGINE
from ..models import Job, WorkerBeat
from ..models.job import STATUSES

DEADLINE = 0.8  # seconds for all that is asked of the database
PATIENCE = 300  # milliseconds for a lock
ALIVE = timedelta(seconds=60)  # since a worker's last word
LOW, FULL = 2 * 2**30, 100 * 2**20  # bytes that are free
ARGUMENTS = {
    "postgresql": {
        "connect_timeout": 2,
        "options": f"-c statement_timeout={PATIENCE} -c lock_timeout={PATIENCE}",
    }
}
# It changes no row, but needs all that a change of one needs.
TRY_TO_WRITE = text("UPDATE alembic_version SET version_num = version_num WHERE 1 = 0")
AWAY, BUSY, READ_ONLY, WRITABLE = "away", "busy", "read only", "writable"
READS_ONLY = ("25006", "SQLITE_READONLY", "SQLITE_READONLY_DBMOVED")
LOCKED = ("55P03", "57014", "SQLITE_BUSY", "SQLITE_LOCKED")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What the database says; None where it did not."""

    database: str = AWAY
    pending: tuple[str, ...] | None = None
    worker_at: datetime | None = None
    jobs: dict[str, int] | None = None
    due_since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Health:
    """How the service is at one moment."""

    stored: Stored
    disk_free: int  # bytes
    at: datetime

    @property
    def database(self) -> str:
        return self.stored.database

    @property
    def migrations(self) -> str:
        if self.stored.pending is None:
            return "unknown"
        return "pending" if self.stored.pending else "up to date"

    @property
    def worker_age(self) -> float | None:
        """Seconds since a worker last said that it is alive."""
        at = self.stored.worker_at
        return None if at is None else (self.at - at).total_seconds()

    @property
    def worker(self) -> str:
        if self.stored.pending is None:
            return "unknown"
        age = self.worker_age  # below nought where the clock was set back
        alive = age is not None and abs(age) < ALIVE.total_seconds()
        return "alive" if alive else "none"

    @property
    def disk(self) -> str:
        if self.disk_free < FULL:
            return "full"
        return "low" if self.disk_free < LOW else "ok"

    @property
    def status(self) -> str:
        """`failing` where an answer could not be stored; `degraded` where one could."""
        stops = (self.database != WRITABLE, self.disk == "full")
        if any(stops) or self.migrations != "up to date":
            return "failing"
        is_well = self.worker == "alive" and self.disk == "ok"
        return "ok" if is_well else "degraded"

    def words(self) -> dict[str, str]:
        """What anybody is told: a word for each part, and no number."""
        parts = ("status", "database", "migrations", "worker", "disk")
        return {part: getattr(self, part) for part in parts}


class Probe:
    """Asks how the service is; one look at the database at a time."""

    def __init__(self, config):
        self.config, self.lock = config, threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._look: Future[Stored] | None = None

    def health(self) -> Health:
        """How the service is now, within a second."""
        return Health(
            stored=self._stored(),
            disk_free=free_bytes(self.config.instance),
            at=utc_now(),
        )

    def _stored(self) -> Stored:
        with self.lock:  # threads begin after a server has parted into workers
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="health")
            if self._look is None or self._look.done():
                self._look = self._pool.submit(look, self.config.url, now=utc_now())
            asked = self._look
        try:
            return asked.result(DEADLINE)
        except TimeoutError:
            return Stored(database=AWAY)


def free_bytes(folder) -> int:
    """What is free on the disk of a folder, or of the first of its parents there is."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def look(url: str, *, now: datetime) -> Stored:
    """Ask the database all there is to ask, on a connection of its own."""
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            return _ask(connection, now)
    except SQLAlchemyError as problem:
        return Stored(database=_state(problem))
    finally:
        engine.dispose()


def engine_for(url: str) -> Engine:
    """An engine that keeps no connection and waits for nothing long."""
    kind = url.partition(":")[0].partition("+")[0]
    arguments = ARGUMENTS.get(kind, {})
    return create_engine(url, poolclass=NullPool, connect_args=arguments, **ENGINE)


def _ask(connection: Connection, now: datetime) -> Stored:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA busy_timeout={PATIENCE}")
    pending = tuple(schema_version.pending(schema_version.present(connection)))
    told = {} if pending else _work(connection, now)
    return Stored(database=_is_writable(connection), pending=pending, **told)


def _is_writable(connection: Connection) -> str:
    try:
        connection.execute(TRY_TO_WRITE)
    except SQLAlchemyError as problem:
        return _state(problem)
    return WRITABLE


def _work(connection: Connection, now: datetime) -> dict:
    """The workers' last word, and how the work in the background stands."""
    counts = select(Job.status, func.count()).group_by(Job.status)
    waiting = (Job.status == "waiting", Job.run_after <= now)
    jobs = {status: n for status, n in connection.execute(counts)}
    return {
        "worker_at": connection.scalar(select(func.max(WorkerBeat.seen_at))),
        "jobs": {status: jobs.get(status, 0) for status in STATUSES},
        "due_since": connection.scalar(select(func.min(Job.run_after)).where(*waiting)),
    }


def _state(problem: SQLAlchemyError) -> str:
    driver = getattr(problem, "orig", None)
    code = getattr(driver, "sqlstate", getattr(driver, "sqlite_errorname", None))
    if code in LOCKED:
        return BUSY
    return READ_ONLY if code in READS_ONLY else AWAY
