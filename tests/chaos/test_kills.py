"""kill -9 of every process while people answer: nothing acknowledged is lost."""

from contextlib import closing, contextmanager
from dataclasses import replace

import flask_migrate
import psycopg
import pytest
from sqlalchemy.orm import Session

from surveyapp import create_app
from surveyapp.extensions import db
from surveyapp.models import Job

from .. import databases, factories
from ..processes import end, moments
from ..surveyapp.served import environment, free_port, workers
from . import people

ROUNDS = [1, pytest.param(12, marks=pytest.mark.slow)]


@pytest.mark.one_database
@pytest.mark.parametrize("rounds", ROUNDS)
def test_servers_and_their_masters_are_killed(config, app, session, link, rounds):
    env, port, killed = environment(config), free_port(), 0
    process = people.begin(env, port, "--no-worker")
    try:
        with people.people(3, port) as everyone:
            for _ in range(rounds):
                people.until_acknowledged(everyone, 20)
                for worker in workers(process):
                    people.kill(worker)
                    killed += 1
                people.until_acknowledged(everyone, 20)
                for each in people.family(process.pid):
                    people.kill(each)
                    killed += 1
                process.wait()
                process = people.begin(env, port, "--no-worker")
            people.until_acknowledged(everyone, 20)
    finally:
        end(process)
    missing, half = people.lost(session, everyone), people.half_written(session)
    people.tell("killed", everyone, killed=killed, lost=len(missing), half=len(half))
    assert (missing, half) == ([], [])
    assert people.mistakes(env) == []
    assert people.n_acknowledged(everyone) >= 60


@pytest.mark.one_database
def test_whatever_works_in_the_background_is_killed_and_its_job_is_done_once(
    config, app, session
):
    """Keeper, worker and attempt are ended; somebody takes the job up again."""
    env, port = environment(config), free_port()
    session.add(asked := Job(name="unsent_answers"))
    session.commit()
    with people.host(env, port) as process:
        killed = 0
        for each in background(process):
            people.kill(each)
            killed += 1
        is_over(session, asked)
    done = session.query(Job).filter_by(name="unsent_answers", scheduled_for=None).all()
    print(f"killed in the background: {killed}, jobs: {[j.status for j in done]}")
    assert killed and [job.status for job in done] == ["done"]


def background(process):
    """Pids of keeper and worker, as soon as both are there."""
    for _ in moments():
        serving = {process.pid, *workers(process)}
        others = [pid for pid in people.family(process.pid) if pid not in serving]
        if len(others) > 1:
            return others
    raise AssertionError("no worker came")


def is_over(session, job):
    """Wait for this job: of those that come back one is always due."""
    for _ in moments():
        session.rollback()
        if job.status not in ("waiting", "running"):
            return
    raise AssertionError("the job was not done")


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True, scope="session")
@pytest.mark.parametrize("rounds", [1, pytest.param(8, marks=pytest.mark.slow)])
def test_the_database_server_is_restarted_and_its_sessions_are_killed(
    config, tmp_path, rounds
):
    with databases.own_postgresql() as (address, restart):
        with own(config, address, tmp_path) as (session, env):
            port = free_port()
            with people.host(env, port, "--no-worker"):
                with people.people(3, port) as everyone:
                    for _ in range(rounds):
                        people.until_acknowledged(everyone, 20)
                        restart()
                        people.until_acknowledged(everyone, 20)
                        end_sessions(address)
                    people.until_acknowledged(everyone, 20)
            missing, half = people.lost(session, everyone), people.half_written(session)
    people.tell("database restarted", everyone, lost=len(missing), half=len(half))
    assert (missing, half) == ([], [])


def end_sessions(address):
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    with closing(psycopg.connect(address, autocommit=True)) as other:
        other.execute(f"{query} WHERE pid <> pg_backend_pid() AND datname IS NOT NULL")


@contextmanager
def own(config, address, tmp_path):
    """An installation on a server of its own, with an open link."""
    theirs = replace(config, database_url=address, instance=tmp_path)
    app = create_app(theirs)
    with app.app_context():
        flask_migrate.upgrade()
        with Session(db.engine) as session:
            factories.make_invitation(session, token="open", is_open=True)
            session.commit()
            yield session, environment(theirs)
        db.session.remove()
        db.engine.dispose()
