"""Whole databases, copied at one moment and put back, while others go on writing.

SQLite's own backup makes a file; of PostgreSQL each table is copied in one snapshot.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from .. import audit, schema_version
from ..errors import FileDamaged
from ..extensions import ENGINE, db

REVISIONS = "alembic_version"
SQLITE_FILE = "database.sqlite"
TABLES = "tables/"
SCRATCH = "prom_check"


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def copy_sqlite(target: Path) -> dict:
    """Copy the database into a file of its own; what is in it, as a manifest has it.

    Others write meanwhile: the copy is of the moment at which it began.
    """
    with closing(sqlite3.connect(db.engine.url.database or "")) as source:
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    return describe_sqlite(target)


def describe_sqlite(path: Path) -> dict:
    """Revision, rows and audit of a file; FileDamaged where it does not hold."""
    with _engine_of(f"sqlite:///{path}") as engine, engine.connect() as connection:
        for check in ("integrity_check", "foreign_key_check"):
            said = connection.exec_driver_sql(f"PRAGMA {check}").all()
            if said not in ([], [("ok",)]):
                raise FileDamaged(f"{check} of the copy found {len(said)} problems")
        return _describe(connection)


def copy_postgresql(folder: Path) -> dict:
    """Copy each table into a file of this folder, all of one moment; the manifest."""
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        told = _describe(connection)
        columns = {name: _columns(connection, name) for name in told["counts"]}
        for name, names in columns.items():
            _copy_out(connection, name, names, folder / name)
        return told | {"columns": columns}


def check_postgresql(folder: Path, manifest: dict) -> dict:
    """Put the copied tables into a schema of their own, look, and take it back."""
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {SCRATCH}")
        for name in [*manifest["columns"], REVISIONS]:
            like = f'(LIKE "{name}" INCLUDING ALL)'
            connection.exec_driver_sql(f'CREATE TABLE {SCRATCH}."{name}" {like}')
        connection.exec_driver_sql(f"SET LOCAL search_path = {SCRATCH}")
        revision = f'INSERT INTO "{REVISIONS}" VALUES (%s)'
        connection.exec_driver_sql(revision, (manifest["revision"],))
        _copy_all_in(connection, folder, manifest["columns"])
        told = _describe(connection)
        connection.rollback()
        return told


def put_back_postgresql(folder: Path, manifest: dict) -> None:
    """Fill tables that a migration has just made; all rows, or none."""
    with db.engine.begin() as connection:
        for name in reversed(_in_order(manifest["columns"])):
            connection.exec_driver_sql(f'DELETE FROM "{name}"')
        _copy_all_in(connection, folder, manifest["columns"])
        for name in manifest["columns"]:
            _number_on(connection, name)


def has_tables() -> bool:
    """Whether there is anything in the database that a restore would write over."""
    with db.engine.connect() as connection:
        return bool(inspect(connection).get_table_names())


@contextmanager
def _engine_of(url: str):
    engine = create_engine(url, poolclass=NullPool, **ENGINE)
    try:
        yield engine
    finally:
        engine.dispose()


def _describe(connection: Connection) -> dict:
    inspector = inspect(connection)
    names = [n for n in sorted(inspector.get_table_names()) if n != REVISIONS]
    return {
        "kind": connection.dialect.name,
        "revision": schema_version.present(connection),
        "counts": {name: _count(connection, name) for name in names},
        "events": audit.verify(Session(connection)),
    }


def _count(connection: Connection, name: str) -> int:
    return connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar() or 0


def _columns(connection: Connection, name: str) -> list[str]:
    return [column["name"] for column in inspect(connection).get_columns(name)]


def _copy_out(connection: Connection, name: str, columns: list[str], to: Path) -> None:
    query = f'COPY (SELECT {_quoted(columns)} FROM "{name}") TO STDOUT'
    with _cursor(connection) as cursor, to.open("wb") as file:
        with cursor.copy(query) as rows:
            for data in rows:
                file.write(data)


def _copy_all_in(connection: Connection, folder: Path, columns: dict) -> None:
    for name in _in_order(columns):
        query = f'COPY "{name}" ({_quoted(columns[name])}) FROM STDIN'
        with _cursor(connection) as cursor, (folder / name).open("rb") as file:
            with cursor.copy(query) as rows:
                while data := file.read(2**16):
                    rows.write(data)


@contextmanager
def _cursor(connection: Connection) -> Iterator:
    """The driver's own cursor, which copies whole tables."""
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is gone")
    with driver.cursor() as cursor:
        yield cursor


def _in_order(columns: dict) -> list[str]:
    """Tables so that none refers to a later one."""
    known = [table.name for table in db.metadata.sorted_tables]
    others = sorted(set(columns) - {*known})
    return [name for name in known if name in columns] + others


def _number_on(connection: Connection, name: str) -> None:
    """Let new rows take numbers behind those that were put back."""
    sequence = connection.exec_driver_sql(
        "SELECT pg_get_serial_sequence(%s, 'id') FROM information_schema.columns"
        " WHERE table_name = %s AND column_name = 'id'",
        (f'"{name}"', name),
    ).scalar()
    if sequence:
        connection.exec_driver_sql(
            f"SELECT setval('{sequence}', coalesce(max(id), 0) + 1, false)"
            f' FROM "{name}"'
        )


def _quoted(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
