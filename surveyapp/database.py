"""How rows meet the database: names, column types, and what SQLite is told."""

import json
import sqlite3
import time
from datetime import UTC, datetime

from sqlalchemy import DateTime, MetaData, event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from . import write_turns
from .characters import all_clean, first_refused, is_clean
from .errors import NotFound, UnusableText

# Every constraint has a name, or SQLite's batch migrations cannot drop it.
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
READING = {"SELECT", "PRAGMA", "EXPLAIN", "BEGIN", "COMMIT", "ROLLBACK"}
LARGEST = 2**31 - 1  # of an integer column on PostgreSQL
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": 10_000,
    "temp_store": "MEMORY",
    "secure_delete": "ON",  # what is deleted is overwritten with zeros
}


TURN = 0.05  # seconds


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


def utc_now() -> datetime:
    """The time, in UTC; columns default to it and services take it as `now`."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator):
    """An aware time, kept in UTC on either database; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; pass an aware datetime")
        return value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        # SQLite keeps no zone; what went in was UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def kept(text: str) -> str:
    """The text itself, if every database can keep it; UnusableText otherwise.

    Requests and files are cleaned or refused where they are read. This is for what
    comes in by another way, and says the same on either database: SQLite would take
    it, and PostgreSQL's own refusal repeats what was written.
    """
    if not is_clean(text):
        raise UnusableText(f"{first_refused(text)} cannot be kept")
    return text


def to_json(value: object) -> str:
    """How a JSON column is written: as ever, once its texts can be kept."""
    if not all_clean(value):
        raise UnusableText("a character in it cannot be kept")
    return json.dumps(value)


def writes(view):
    """Mark a GET view that writes, such as an audited download."""
    view.writes = True
    return view


def let_go(session: Session) -> None:
    """End what was only read, so that nothing is held while the caller works.

    What was loaded stays loaded. A file is parsed, a form is set or a report is made
    after this, and written after that.
    """
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something is still to be written")
    session.commit()


def read_alone(engine: Engine) -> Connection:
    """A connection for one statement that only reads.

    On PostgreSQL without a transaction around it, whose beginning and end would each
    be a journey to the server and back.
    """
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        connection.execution_options(isolation_level="AUTOCOMMIT")
    return connection


def take_turns(session: Session) -> None:
    """Leave a gap between two batches, in which others get at SQLite's one lock.

    Whoever waits for it looks again after some hundredths of a second, and would find
    it taken each time. PostgreSQL has a queue.
    """
    if session.get_bind().dialect.name == "sqlite":
        time.sleep(TURN)


@event.listens_for(Engine, "connect")
def prepare_sqlite(connection, _record):
    """An acknowledged row is on disk, and references between rows hold."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


@event.listens_for(Engine, "before_cursor_execute", retval=True)
def before_each(connection, _cursor, statement, parameters, context, _many):
    """What is looked at before each statement; it is sent as it is."""
    refuse_unusable(parameters)
    if connection.dialect.name == "sqlite" and not connection.info.get("holds_lock"):
        if not only_reads(statement, context):
            lock_sqlite(connection)
    return statement, parameters


def refuse_unusable(parameters):
    """No statement carries what one of the databases would not keep or compare."""
    for row in parameters if isinstance(parameters, list) else (parameters,):
        for value in row.values() if isinstance(row, dict) else row or ():
            if isinstance(value, str):
                kept(value)
            elif isinstance(value, int) and abs(value) > LARGEST:
                raise NotFound("no row has such a number")


@event.listens_for(Engine, "begin")
def begin_sqlite(connection):
    """Begin by reading, which holds nobody up."""
    if connection.dialect.name == "sqlite":
        connection.info["holds_lock"] = False
        say_to_driver(connection, "BEGIN")


def say_to_driver(connection, words):
    """Begin or end on SQLite, without all that goes around a statement."""
    connection.connection.driver_connection.execute(words)


def lock_sqlite(connection):
    """Take the one write lock with the first statement that writes, and wait for it.

    A transaction that has read cannot wait: it fails at once when another wrote in
    between. So what was read ends here, and the statement sees the newest rows, as
    each statement does on PostgreSQL; who must not miss a change in between asks
    FOR UPDATE first, which takes the lock too.
    """
    say_to_driver(connection, "COMMIT")
    try:
        driver = connection.connection.driver_connection
        write_turns.begin(driver, connection.engine.url.database)
    except sqlite3.OperationalError as problem:
        say_to_driver(connection, "BEGIN")  # else what follows would commit itself
        raise OperationalError("BEGIN IMMEDIATE", None, problem) from problem
    connection.info["holds_lock"] = True


def only_reads(statement, context):
    """Whether a statement neither writes nor asks for rows to write."""
    asked = getattr(context, "invoked_statement", None)
    if getattr(asked, "_for_update_arg", None) is not None:
        return False
    return statement.split(None, 1)[0].upper() in READING
