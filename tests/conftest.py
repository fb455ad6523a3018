"""Fixtures that every part of the suite shares."""

import gc
import os
import sqlite3
import zlib
from dataclasses import replace
from pathlib import Path

import flask_migrate
import hypothesis
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from surveyapp import audit, auth, create_app
from surveyapp.config import Config
from surveyapp.extensions import db

from . import databases

KEYS = {  # random, and of no installation
    "secret_key": "9d75202aa2357f6222045f09302335f9d11d5e26228a24e1",
    "token_pepper": "80d5a218104371a1094a3429689aa74b4a7d1ba28e01837b",
    "field_keys": ("hhaAO-VIPmTRmdxBnHLs9DVEmHamAwrLdvZ6rhVcAZc=",),
}
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
RESTART = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))

# Whole files go to one worker: these take it half a minute or more, on two cores.
LONGEST = (
    "test_hostile_input.py",
    "test_every_page.py",
    "test_commands.py",
    "test_kills.py",
    "test_hostile_uploads.py",
    "test_small_phone.py",
    "test_staff_pages.py",
    "test_accessibility.py",
    "test_answering.py",
    "test_hosts.py",
    "test_worker.py",
    "test_versions_and_restore.py",
    "test_wheel.py",
    "test_canaries.py",
    "test_first_campaign.py",
    "test_demo.py",
    "test_run.py",
    "test_reprint.py",
    "test_interrupts.py",
    "test_reduction.py",
    "test_validate.py",
    "test_any_order.py",
    "test_notebooks.py",
    "test_durability.py",
    "test_public_api.py",
    "test_docs.py",
    "test_memory.py",
)
# Then these folders, which wait for other processes: the short files come last.
WAITING = {"browser", "chaos"}

# An example may take as long as a busy machine needs.
SLOW = hypothesis.HealthCheck.too_slow
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[SLOW]
)
hypothesis.settings.load_profile("suite")

# A hash of the service's own strength takes a fifth of a second: test_sign_in.py.
WEAK = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}
auth.RULES["PASSWORD_HASH_PASSLIB_OPTIONS"] = WEAK


@event.listens_for(Engine, "connect")
def hurry_sqlite(connection, _record):
    """Durability is tested by ending processes, never the machine: fsync can rest."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


def kind_for(name):
    """The database of a test that may run on either: its own in every run."""
    return KINDS[zlib.crc32(name.encode()) % len(KINDS)]


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(tmp_path_factory):
    """What one application has compiled is there for every other of this run."""
    base = tmp_path_factory.getbasetemp()
    kept = (base if WORKER == "main" else base.parent) / "templates"
    kept.mkdir(exist_ok=True)
    before = Flask.jinja_options
    Flask.jinja_options = {**before, "bytecode_cache": FileSystemBytecodeCache(kept)}
    yield
    Flask.jinja_options = before


@pytest.fixture
def rng():
    """A generator of random numbers that is the same in every run."""
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory):
    """Address of the PostgreSQL server that all workers share."""
    base = tmp_path_factory.getbasetemp()
    shared = base if WORKER == "main" else base.parent
    with databases.postgresql(shared) as address:
        yield address


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory):
    """Address of this worker's own file."""
    return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'survey.sqlite'}"


@pytest.fixture(scope="session")
def postgresql_url(postgresql):
    """Address of this worker's own database on the server."""
    with databases.database(postgresql, f"survey_test_{WORKER}") as address:
        yield address


def place(path):
    """Where a file of tests stands: what takes longest begins first.

    None is left over at the end, when only one worker has something to do.
    """
    if path.name in LONGEST:
        return LONGEST.index(path.name)
    return len(LONGEST) + (path.parent.name not in WAITING)


def pytest_collection_modifyitems(items):
    """The files that take longest begin first."""
    items.sort(key=lambda item: place(item.path))


def pytest_collection_finish():
    """What has been imported stays: no collection of garbage looks at it again."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser):
    parser.addoption(
        "--every-database",
        action="store_true",
        help="run on both databases what else runs on either",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc):
    """What asks nothing of SQL runs on SQLite alone, or on either by its name."""
    test = metafunc.definition
    if "database_url" not in metafunc.fixturenames:
        return
    if test.get_closest_marker("one_database"):
        only = KINDS[0]
    elif (
        test.get_closest_marker("any_database")
        and not test.get_closest_marker("both_databases")
        and not metafunc.config.getoption("--every-database")
    ):
        only = kind_for(test.name)
    else:
        return
    test.add_marker(
        pytest.mark.parametrize("database_url", [only], indirect=True, scope="session")
    )


@pytest.fixture(scope="session", params=KINDS)
def database_url(request):
    """Address of a database of this worker's own, of each kind in turn."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(scope="session")
def applications():
    """Every application so far, by the address of its database.

    Each file of tests comes back to both kinds: neither is made anew.
    """
    return {}


@pytest.fixture(scope="session")
def config(database_url, applications, tmp_path_factory):
    if database_url in applications:
        return applications[database_url].config["PROM"]
    instance = Path(tmp_path_factory.mktemp("instance"))
    return Config(
        environment="test", database_url=database_url, instance=instance, **KEYS
    )


@pytest.fixture(scope="session")
def migrated_app(config, applications):
    if config.database_url not in applications:
        app = applications[config.database_url] = create_app(config)
        with app.app_context():
            flask_migrate.upgrade()
    app = applications[config.database_url]
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(migrated_app):
    """The application on each database in turn; its tables are empty again after."""
    yield migrated_app
    with migrated_app.app_context():
        empty(db.engine)


@pytest.fixture
def app_with(config, app):
    """Makes further applications on the same database, with other settings."""
    made = []

    def make(**changes):
        made.append(create_app(replace(config, **changes)))
        return made[-1]

    yield make
    for each in made:
        with each.app_context():
            db.engine.dispose()


@pytest.fixture
def session(app):
    """The test's own session, apart from those of requests."""
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield session


@pytest.fixture
def client(app, session):
    """A browser; what the test's session holds is committed before each request."""

    class Client(FlaskClient):
        def open(self, *args, **kwargs):
            session.commit()
            if kwargs.get("method") == "POST":
                headers = {"X-CSRFToken": self.csrf_token()}
                kwargs["headers"] = {**headers, **(kwargs.get("headers") or {})}
            return super().open(*args, **kwargs)

        def csrf_token(self):
            """The token that a form of this browser's would send."""
            with self.session_transaction() as cookie:
                secret = cookie.setdefault("csrf_token", "of-the-tests")
            signer = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token")
            return signer.dumps(secret)

    return Client(app)


def empty(engine):
    """Delete every row and begin the numbers again, the audit's too.

    In one message to the database; TRUNCATE would make every table's files anew.
    """
    tables = reversed(db.metadata.sorted_tables)
    quoted = engine.dialect.identifier_preparer.format_table
    every = "; ".join(f"DELETE FROM {quoted(table)}" for table in tables)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(every)
            connection.execute(text(RESTART))
        else:
            connection.connection.executescript(every)
    with Session(engine) as session:
        session.add(audit.first_head())
        session.commit()
