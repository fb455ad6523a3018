"""What becomes of an attempt: kept whole, refused in words, or our mistake."""

import pytest

from surveyapp.database import utc_now
from surveyapp.errors import WorkRefused
from surveyapp.jobs import attempt, lifecycle, worker
from surveyapp.jobs.registry import KINDS
from surveyapp.models import Job, Trust


@pytest.fixture
def job(session):
    job = Job(name="of the tests", run_after=utc_now())
    session.add(job)
    session.commit()
    return job


def outcome(app, session, job, perform, monkeypatch):
    """Do the job at once; its status, problem, and how many trusts it left."""
    monkeypatch.setitem(KINDS, job.name, perform)
    session.commit()  # what this session has read is not what will be there
    with app.app_context():
        worker.run_due()
    session.commit()
    session.refresh(job)
    return job.status, job.problem, session.query(Trust).count()


def make_trust(session):
    session.add(Trust(name="Made by the job", slug="made"))


def test_what_a_job_makes_is_kept_when_it_is_done(app, session, job, monkeypatch):
    def perform(session, job, at_step):
        at_step("First", 0, 1)
        make_trust(session)

    assert outcome(app, session, job, perform, monkeypatch) == ("done", None, 1)


def test_a_refusal_is_told_in_its_own_words(app, session, job, monkeypatch):
    def perform(session, job, at_step):
        make_trust(session)
        raise WorkRefused("Too few people.")

    found = outcome(app, session, job, perform, monkeypatch)
    assert found == ("failed", "Too few people.", 0)


def test_an_unforeseen_error_is_told_without_its_text(
    app, session, job, monkeypatch, capsys
):
    def perform(session, job, at_step):
        raise KeyError("something somebody wrote")

    found = outcome(app, session, job, perform, monkeypatch)
    assert found == ("failed", attempt.OUR_MISTAKE, 0)
    assert "somebody wrote" not in capsys.readouterr().err


def test_a_job_that_is_cancelled_meanwhile_leaves_nothing(
    app, session, job, monkeypatch
):
    def perform(working, job, at_step):
        lifecycle.cancel(session, job.id, now=utc_now())
        session.commit()
        make_trust(working)

    found = outcome(app, session, job, perform, monkeypatch)
    assert found == ("cancelled", None, 0)


def test_a_job_that_another_attempt_took_over_leaves_nothing(
    app, session, job, monkeypatch
):
    def perform(working, job, at_step):
        session.query(Job).update({"attempts": 2})
        session.commit()
        make_trust(working)
        at_step("Too late", 0, 1)

    found = outcome(app, session, job, perform, monkeypatch)
    assert found == ("running", None, 0)
