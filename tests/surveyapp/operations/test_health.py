"""Health is told while the database is locked, full of waiting requests, or away."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import flask_migrate
import pytest
from sqlalchemy import text

from surveyapp import create_app, schema_version
from surveyapp.config import Config
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.jobs import heartbeat
from surveyapp.links import grouped, new_code
from surveyapp.models import WorkerBeat
from surveyapp.operations import health

from ... import databases
from ..served import Caller, environment, free_port, prom, server

WELL = {
    "status": "ok",
    "database": "writable",
    "migrations": "up to date",
    "worker": "alive",
    "disk": "ok",
}


def add_beat(session, *, ago=timedelta(0)):
    now = utc_now() - ago
    session.add(WorkerBeat(name="one", started_at=now, seen_at=now))
    session.commit()


def test_health_says_a_word_for_each_part(client, session, monkeypatch):
    monkeypatch.setattr(health, "LOW", 1)
    add_beat(session)
    response = client.get("/api/health")
    assert (response.status_code, response.json) == (200, WELL)


@pytest.mark.parametrize("ago", [timedelta(minutes=2), -timedelta(hours=1)])
def test_a_worker_that_is_silent_degrades_and_stops_nothing(
    client, session, monkeypatch, ago
):
    monkeypatch.setattr(health, "LOW", 1)
    add_beat(session, ago=ago)
    response = client.get("/api/health")
    expected = WELL | {"status": "degraded", "worker": "none"}
    assert (response.status_code, response.json) == (200, expected)


def test_a_full_disk_fails(client, session, monkeypatch):
    monkeypatch.setattr(health, "FULL", 2**60)
    response = client.get("/api/health")
    assert response.status_code == 503
    assert (response.json["disk"], response.json["status"]) == ("full", "failing")


def test_a_look_at_health_writes_nothing(client, session):
    before = session.scalar(text("SELECT count(*) FROM audit_event"))
    for _ in range(3):
        client.get("/api/health")
    assert session.scalar(text("SELECT count(*) FROM audit_event")) == before


@pytest.mark.one_database
def test_a_database_that_hangs_is_a_finding_and_no_wait(config, monkeypatch):
    is_over = threading.Event()
    monkeypatch.setattr(health, "DEADLINE", 0.05)
    monkeypatch.setattr(health, "look", lambda *_, **__: is_over.wait())
    probe = health.Probe(config)
    told = [probe.health() for _ in range(3)]
    is_over.set()
    assert {each.status for each in told} == {"failing"}
    assert {each.words()["migrations"] for each in told} == {"unknown"}


def test_a_database_that_is_away_is_a_finding(config):
    nowhere = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none"
    assert health.look(nowhere, now=utc_now()).database == "away"


@pytest.mark.one_database
def test_a_file_that_can_only_be_read_is_told_from_one_that_is_away(app, config):
    path = config.url.removeprefix("sqlite:///")
    url = f"sqlite:///file:{path}?mode=ro&uri=true"
    assert health.look(url, now=utc_now()).database == "read only"


@pytest.mark.postgres
def test_a_server_that_only_reads_is_told_from_one_that_is_away(postgresql):
    with databases.database(postgresql, "reads_only") as address:
        config = Config(database_url=address)
        with health.engine_for(config.url).connect() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
            only = 'ALTER DATABASE "reads_only" SET default_transaction_read_only = on'
            connection.execute(text(only))
            connection.commit()
        assert health.look(config.url, now=utc_now()).database == "read only"


@pytest.fixture
def own(config, tmp_path):
    """An installation with a database of its own."""
    address = f"sqlite:///{tmp_path / 'own.sqlite'}"
    return replace(config, database_url=address, instance=tmp_path)


def migrate(config, revision="head"):
    app = create_app(config)
    with app.app_context():
        flask_migrate.upgrade(revision=revision)
        db.engine.dispose()
    return app


@pytest.mark.one_database
def test_health_answers_while_every_thread_waits_for_a_locked_database(own):
    migrate(own)
    with server(environment(own), "serve", "--no-worker", "--workers", "1") as (
        _,
        port,
    ):
        path = own.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            with ThreadPoolExecutor(8) as pool:
                other.execute("BEGIN IMMEDIATE")
                waiting = [pool.submit(try_a_code, port) for _ in range(8)]
                status, _, page = Caller(port).call("GET", "/api/health")
                answered = [each for each in waiting if each.done()]
                other.execute("ROLLBACK")
                assert {each.result() for each in waiting} <= {200, 404, 422, 429}
    assert (status, answered) == (503, [])
    assert '"database":"busy"' in page.replace(" ", "")


def try_a_code(port):
    """A request that writes: each try of a code that could be one is counted."""
    caller = Caller(port)
    caller.call("GET", "/")
    return caller.call("POST", "/", code=grouped(new_code()))[0]


@pytest.mark.one_database
def test_nothing_serves_while_a_migration_is_pending(own):
    migrate(own, schema_version.known()[-2])
    env = environment(own)
    for command in (("serve", "--port", str(free_port())), ("work", "--once")):
        refused = prom(*command, env=env)
        assert refused.returncode == 2
        (line,) = refused.stderr.splitlines()
        assert "run `prom migrate` (1 migration is pending, up to" in line
    words = health.look(own.url, now=utc_now())
    assert words.pending == (schema_version.known()[-1],)


def test_a_database_of_a_later_version_can_still_be_served():
    assert schema_version.pending("9999") == []
    assert schema_version.is_newer("9999")
    assert schema_version.pending(None) == [*schema_version.known()]


def test_a_worker_says_that_it_is_alive_and_that_it_went(app, session):
    now, name = utc_now(), heartbeat.worker_name()
    heartbeat.beat(session, "of yesterday", now, now=now - timedelta(days=2))
    heartbeat.beat(session, name, now, now=now)
    heartbeat.beat(session, name, now, now=now + timedelta(seconds=9))
    assert [(b.name, b.seen_at - now) for b in session.query(WorkerBeat)] == [
        (name, timedelta(seconds=9))
    ]
    heartbeat.leave(session, name)
    assert session.query(WorkerBeat).all() == []


def test_a_worker_whose_database_is_away_beats_on(app, session, monkeypatch, capfd):
    stopping = threading.Event()

    def fail(*_args, **_others):
        stopping.set()
        raise sqlite3.OperationalError("canary-4711")

    monkeypatch.setattr(heartbeat, "beat", fail)
    heartbeat.beat_until_stopped(app, stopping)
    told = capfd.readouterr().err
    assert '"event": "worker"' in told and "canary" not in told
