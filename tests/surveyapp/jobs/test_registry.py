"""Kinds of job, and those that come back: put once a due time, done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from surveyapp.database import utc_now
from surveyapp.jobs import registry, worker
from surveyapp.models import Job, Trust


@pytest.fixture
def kinds(monkeypatch):
    """The registry as it was made, with room for kinds of a test."""
    for held in (worker.KINDS, worker.RECURRING):
        for kind in [*held]:
            monkeypatch.setitem(held, kind, held[kind])
    yield registry
    for held in (worker.KINDS, worker.RECURRING):
        held.pop("of the tests", None)


def make_trust(session, job, at_step):
    n = session.query(Trust).count()
    session.add(Trust(name=f"Made by job {job.id}", slug=f"made-{n}-{job.id}"))


def test_the_application_registers_its_kinds(app):
    assert "validation" in registry.KINDS


def test_only_a_registered_kind_can_come_back(kinds):
    with pytest.raises(ValueError, match="no registered kind"):
        kinds.schedule("of the tests", every=timedelta(hours=1))


def test_a_recurring_job_is_done_once_a_due_time(app, session, kinds):
    kinds.register("of the tests", make_trust)
    kinds.schedule("of the tests", every=timedelta(days=1))
    with app.app_context():
        assert worker.run_due() == 1
        assert worker.run_due() == 0
    assert session.query(Trust).count() == 1
    job = session.query(Job).one()
    assert (job.status, job.asked_by_id) == ("done", None)
    assert job.scheduled_for <= utc_now() < job.scheduled_for + timedelta(days=1)


def test_of_two_workers_at_the_same_moment_one_does_it(app, session, kinds):
    kinds.register("of the tests", make_trust)
    kinds.schedule("of the tests", every=timedelta(days=1))

    def work(_):
        with app.app_context():
            return worker.run_due()

    with ThreadPoolExecutor(4) as workers:
        done = [*workers.map(work, range(4))]
    assert sum(done) == 1
    assert (session.query(Job).count(), session.query(Trust).count()) == (1, 1)


def test_a_row_from_before_there_were_schedules_still_runs(app, session, kinds):
    kinds.register("of the tests", make_trust)
    session.add(Job(name="of the tests", run_after=utc_now()))
    session.commit()
    with app.app_context():
        assert worker.run_due() == 1
    assert session.query(Job.status).one() == ("done",)
