"""How rows meet the database: names, column types, and what SQLite is told."""

import sqlite3
from datetime import UTC, datetime

from cryptography.fernet import Fernet, MultiFernet
from flask import current_app, has_request_context, request
from sqlalchemy import DateTime, LargeBinary, MetaData, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

# Every constraint has a name, or SQLite's batch migrations cannot drop it.
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": 10_000,
    "temp_store": "MEMORY",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


def utc_now():
    """The time, in UTC; columns default to it and services take it as `now`."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator):
    """An aware time, kept in UTC on either database; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; pass an aware datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        # SQLite keeps no zone; what went in was UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


class EncryptedText(TypeDecorator):
    """Personal data, readable only with a key that the database does not hold.

    The first of the configured keys encrypts; the others still decrypt, so that a
    key can be changed without losing a row.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else cipher().encrypt(value.encode())

    def process_result_value(self, value, dialect):
        return None if value is None else cipher().decrypt(bytes(value)).decode()


def cipher():
    """The keys of this installation, newest first."""
    return MultiFernet([Fernet(k) for k in current_app.config["PROM"].field_keys])


def writes(view):
    """Mark a GET view that writes, such as an audited download."""
    view.writes = True
    return view


@event.listens_for(Engine, "connect")
def prepare_sqlite(connection, _record):
    """An acknowledged row is on disk, and references between rows hold."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


@event.listens_for(Engine, "begin")
def begin_sqlite(connection):
    """Take the write lock first where writing is likely.

    A deferred transaction that reads and then writes fails at once when another
    wrote in between; an immediate one waits its turn.
    """
    if connection.dialect.name == "sqlite":
        deferred = _reads_only(connection.get_execution_options())
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")


def _reads_only(options):
    if "deferred" in options:
        return options["deferred"]
    if not has_request_context() or request.method not in SAFE_METHODS:
        return False
    view = current_app.view_functions.get(request.endpoint)
    return not getattr(view, "writes", False)
