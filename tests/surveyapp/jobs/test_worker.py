"""Real workers in processes of their own: killed, stopped, and told to cancel."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from surveyapp import demo
from surveyapp.auth import sign_in_links
from surveyapp.database import utc_now
from surveyapp.jobs import lifecycle
from surveyapp.models import Campaign, Job, RunFile, ValidationRun
from surveyapp.research.runs import report_files
from surveyapp.research.runs.choices import Choices

from ... import factories
from ...processes import end, moments, start, when
from ..demonstration import built_once
from ..served import MAIN, ROOT, Caller, environment, server

PEOPLE = {"service_user": 60}


@pytest.fixture(scope="module")
def demonstration(migrated_app):
    with built_once(migrated_app, PEOPLE) as put_back:
        yield put_back


@pytest.fixture
def campaign(app, demonstration, session):
    demonstration()
    return session.scalars(select(Campaign).order_by(Campaign.id)).first()


@pytest.fixture
def run(session, campaign):
    """A run on a few answers that waits for a worker."""
    choices = Choices(scales=("trust",)).kept()
    made = factories.make_run(session, campaign, "waiting", choices=choices)
    session.commit()
    return made


@contextmanager
def working(env):
    """A worker; it and what it started are gone afterwards."""
    process = start(
        [sys.executable, "-c", MAIN, "work"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        end(process)


def children(pid):
    """Pids of the processes that a process has started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in lists for child in path.read_text().split()]


def attempts_of(process):
    """Pids of the attempts that a worker has started."""
    return children(process.pid)


def job_when(session, holds):
    """The job, as soon as `holds(job)` is true."""
    for _ in moments():
        session.rollback()
        job = session.scalars(VALIDATION, execution_options=FRESH).one()
        if holds(job):
            return job
    raise AssertionError(f"{job.status} at {job.steps}: {job.problem}")


FRESH = {"populate_existing": True}
VALIDATION = select(Job).filter_by(name="validation")  # not those of every night


def is_amid(attempt):
    """The attempt of this number has begun with the report."""
    return lambda job: job.attempts == attempt and len(job.steps) > 1


def is_over(job):
    return not job.is_open


@pytest.mark.slow
def test_a_run_outlives_whoever_works_on_it_and_makes_one_report(session, config, run):
    env = environment(config)
    with working(env) as first:
        job_when(session, is_amid(1))
        (attempt,) = attempts_of(first)
        os.kill(attempt, signal.SIGKILL)
        job_when(session, is_amid(2))
        (orphan,) = attempts_of(first)
        first.kill()  # the attempt goes on, and nobody renews its lease
    os.kill(orphan, signal.SIGSTOP)
    let_the_lease_run_out(session)
    with working(env):
        job_when(session, is_amid(3))
        os.kill(orphan, signal.SIGCONT)
        job = job_when(session, is_over)
    assert (job.status, job.attempts, job.problem) == ("done", 3, None)
    kept = session.scalars(select(RunFile).order_by(RunFile.id)).all()
    assert [file.name for file in kept] == list(report_files.MEDIA)
    assert session.scalars(select(ValidationRun)).one().n_assessments >= 60


def let_the_lease_run_out(session):
    session.rollback()
    job = session.scalars(VALIDATION).one()
    job.lease_until -= lifecycle.LEASE + timedelta(seconds=1)
    session.commit()


def test_a_worker_that_stops_leaves_its_run_to_the_next(session, config, run):
    with working(environment(config)) as process:
        job_when(session, lambda job: job.status == "running")
    assert process.returncode == 0
    job = job_when(session, lambda job: True)
    assert (job.status, job.attempts) == ("waiting", 0)


def test_a_run_that_is_cancelled_stops_at_once(session, config, run):
    with working(environment(config)) as process:
        job_when(session, lambda job: job.status == "running")
        lifecycle.cancel(session, run.job_id, now=utc_now())
        session.commit()
        assert when(lambda: not attempts_of(process))
    assert session.scalars(select(RunFile)).all() == []


@pytest.mark.one_database
def test_a_server_brings_its_worker_replaces_it_and_takes_it_away(
    session, config, campaign
):
    people = demo.staff(session)
    token = sign_in_links.make(session, people["researcher"], now=utc_now())
    session.commit()
    with server(environment(config), "serve", "--workers", "1") as (process, port):
        caller = Caller(port)
        caller.call("GET", f"/staff/link/{token}")
        caller.call("POST", f"/staff/link/{token}")
        address = f"/research/campaigns/{campaign.id}/runs/service_user"
        caller.call("GET", address)
        _, place, _ = caller.call("POST", address, scales="trust")
        assert "data-poll" in caller.call("GET", place)[2]
        job_when(session, lambda job: job.status == "done")
        assert "Read the report" in caller.call("GET", place)[2]
        (keeper,) = (pid for pid in children(process.pid) if "-m" in command(pid))
        (worker,) = children(keeper)
        os.kill(worker, signal.SIGKILL)
        another = when(lambda: {*children(keeper)} - {worker}).pop()
        assert "work" in command(another)
    assert command(keeper) == command(another) == []


def command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except FileNotFoundError:
        return []
