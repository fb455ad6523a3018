"""Of two workers one gets a job, and only who holds it may finish it."""

from datetime import timedelta

import pytest

from surveyapp.database import utc_now
from surveyapp.jobs import lifecycle
from surveyapp.jobs.lifecycle import LEASE, TRIES, Stopped
from surveyapp.models import Job

NOW = utc_now()
LATER = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
def job(session):
    job = Job(name="validation", run_after=NOW)
    session.add(job)
    session.commit()
    return job


def test_a_job_is_claimed_once(session, job):
    assert lifecycle.claim(session, job.id, now=NOW) == 1
    assert lifecycle.claim(session, job.id, now=NOW) is None


def test_a_job_is_not_claimed_before_its_time(session, job):
    assert lifecycle.claim(session, job.id, now=NOW - timedelta(minutes=1)) is None
    assert lifecycle.due(session, {"validation"}, now=NOW - timedelta(minutes=1)) == []


def test_a_job_whose_holder_is_gone_is_due_and_taken_up_again(session, job):
    lifecycle.claim(session, job.id, now=NOW)
    assert lifecycle.due(session, {"validation"}, now=NOW) == []
    assert lifecycle.due(session, {"validation"}, now=LATER) == [job.id]
    assert lifecycle.claim(session, job.id, now=LATER) == 2


def test_whoever_renews_keeps_the_job(session, job):
    lifecycle.claim(session, job.id, now=NOW)
    assert lifecycle.renew(session, job.id, 1, now=LATER)
    assert lifecycle.claim(session, job.id, now=LATER) is None


def test_an_earlier_attempt_can_no_longer_do_anything(session, job):
    lifecycle.claim(session, job.id, now=NOW)
    lifecycle.claim(session, job.id, now=LATER)
    assert not lifecycle.renew(session, job.id, 1, now=LATER)
    assert not lifecycle.fail(session, job.id, 1, "too late", now=LATER)
    with pytest.raises(Stopped):
        lifecycle.reach(session, job.id, 1, "Sample", 0, 3)
    with pytest.raises(Stopped):
        lifecycle.finish(session, job.id, 1, now=LATER)
    session.rollback()
    lifecycle.finish(session, job.id, 2, now=LATER)
    session.commit()
    session.refresh(job)
    assert (job.status, job.progress) == ("done", 1.0)


def test_a_job_that_is_cut_off_again_and_again_fails_with_a_sentence(session, job):
    for n in range(TRIES):
        assert lifecycle.claim(session, job.id, now=NOW) == n + 1
        lifecycle.hand_back(session, job.id, n + 1, now=NOW)
    session.refresh(job)
    assert (job.status, job.problem) == ("failed", lifecycle.CUT_OFF)
    assert lifecycle.due(session, {"validation"}, now=LATER) == []


def test_a_job_whose_last_holder_vanished_fails_when_somebody_looks(session, job):
    job.status, job.attempts, job.lease_until = "running", TRIES, NOW
    session.commit()
    assert lifecycle.claim(session, job.id, now=LATER) is None
    session.refresh(job)
    assert job.status == "failed"


def test_a_worker_that_stops_hands_its_job_back_without_counting_it(session, job):
    lifecycle.claim(session, job.id, now=NOW)
    lifecycle.hand_back(session, job.id, 1, now=NOW, is_counted=False)
    session.refresh(job)
    assert (job.status, job.attempts) == ("waiting", 0)


def test_steps_are_named_as_they_come(session, job):
    lifecycle.claim(session, job.id, now=NOW)
    for done, step in enumerate(["Sample", "Items"]):
        lifecycle.reach(session, job.id, 1, step, done, 4)
    session.refresh(job)
    assert (job.steps, job.n_steps, job.progress) == (["Sample", "Items"], 4, 0.25)


@pytest.mark.parametrize("is_claimed", [True, False])
def test_a_cancelled_job_ends_and_stays_ended(session, job, is_claimed):
    if is_claimed:
        lifecycle.claim(session, job.id, now=NOW)
    assert lifecycle.cancel(session, job.id, now=NOW)
    session.commit()
    assert not lifecycle.cancel(session, job.id, now=NOW)
    assert not lifecycle.renew(session, job.id, 1, now=NOW)
    assert lifecycle.claim(session, job.id, now=LATER) is None
    session.refresh(job)
    assert job.status == "cancelled"


def test_a_kind_that_this_worker_does_not_know_is_left_to_another(session, job):
    assert lifecycle.due(session, {"reminders"}, now=NOW) == []
    assert lifecycle.due(session, {"reminders", "validation"}, now=NOW) == [job.id]


def test_a_due_time_is_put_into_the_table_once(session, app):
    assert lifecycle.is_to_put(session, "nightly", NOW)
    assert lifecycle.put(session, "nightly", NOW, now=NOW)
    assert not lifecycle.put(session, "nightly", NOW, now=NOW)
    assert not lifecycle.is_to_put(session, "nightly", NOW)
    assert session.query(Job).count() == 1


def test_what_takes_longer_than_its_interval_does_not_pile_up(session):
    lifecycle.put(session, "nightly", NOW, now=NOW)
    (number,) = lifecycle.due(session, {"nightly"}, now=NOW)
    lifecycle.claim(session, number, now=NOW)
    assert not lifecycle.is_to_put(session, "nightly", LATER)
    lifecycle.finish(session, number, 1, now=LATER)
    session.commit()
    assert lifecycle.is_to_put(session, "nightly", LATER)


def test_rows_of_times_long_past_go_and_those_asked_for_stay(session, job):
    lifecycle.put(session, "validation", NOW, now=NOW)
    session.query(Job).update({"status": "done"})
    session.commit()
    later = NOW + lifecycle.KEPT + timedelta(days=1)
    lifecycle.put(session, "validation", later, now=later)
    left = session.query(Job.scheduled_for).order_by(Job.id).all()
    assert left == [(None,), (later,)]
