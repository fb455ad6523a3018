"""The life of a job in its table: waiting, running, and how it ended.

Every change says in one statement from which state it starts, so that of two
workers one gets the job, and only the attempt that holds it may finish it.
"""

from datetime import timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from ..errors import SurveyError
from ..models import Job
from ..models.job import OPEN

LEASE = timedelta(seconds=20)
TRIES = 3
KEPT = timedelta(days=90)  # rows of recurring jobs that are over
CUT_OFF = (
    "The work was cut off three times before it was done; this machine may have run "
    "out of memory. Choose fewer questions, or ask whoever runs the service to look, "
    "and start again."
)


class Stopped(SurveyError):
    """The job was cancelled, or another worker has it now."""


def claim(session, job_id, *, now):
    """Take a job that waits, or whose holder is gone; the attempt's number, or None."""
    taken = session.execute(
        update(Job)
        .where(Job.id == job_id, _is_free(now), Job.attempts < TRIES)
        .values(
            status="running",
            attempts=Job.attempts + 1,
            lease_until=now + LEASE,
            progress=0.0,
            steps=[],
            n_steps=None,
        )
    )
    if not taken.rowcount:
        _give_up(session, job_id, now)
    session.commit()
    if not taken.rowcount:
        return None
    return session.scalar(select(Job.attempts).where(Job.id == job_id))


def renew(session, job_id, attempt, *, now):
    """Hold a job for longer; False where this attempt has it no more."""
    return _change(session, job_id, attempt, lease_until=now + LEASE)


def reach(session, job_id, attempt, step, done, total):
    """Note the step that the work has come to; Stopped where it is to end."""
    steps = session.scalar(select(Job.steps).where(Job.id == job_id)) or []
    noted = {
        "steps": [*steps, step] if done < total else steps,
        "n_steps": total,
        "progress": done / total,
    }
    if not _change(session, job_id, attempt, **noted):
        raise Stopped()


def finish(session, job_id, attempt, *, now):
    """Mark a job as done, in the caller's transaction with what it made.

    Raises Stopped where this attempt has it no more: then nothing may be kept.
    """
    done = {"status": "done", "progress": 1.0, "finished_at": now, "problem": None}
    if not _set(session, job_id, attempt, **done):
        raise Stopped()


def fail(session, job_id, attempt, problem, *, now):
    """Say why there is no result, for whoever asked; False where it is not ours."""
    failed = {"status": "failed", "problem": problem[:500], "finished_at": now}
    return _change(session, job_id, attempt, **failed)


def hand_back(session, job_id, attempt, *, now, is_counted=True):
    """Let another attempt take it: this one was cut off, or the worker stops."""
    back = {"status": "waiting", "lease_until": None, "run_after": now}
    if not is_counted:
        back["attempts"] = attempt - 1
    _set(session, job_id, attempt, **back)
    _give_up(session, job_id, now)
    session.commit()


def cancel(session, job_id, *, now):
    """End a job that waits or runs, in the caller's transaction; False if over."""
    ended = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.status.in_(OPEN))
        .values(status="cancelled", finished_at=now)
    )
    return bool(ended.rowcount)


def due(session, kinds, *, now):
    """Numbers of the jobs of these kinds that somebody should take now, oldest first.

    A kind that this worker does not know is left to one that does.
    """
    waiting = select(Job.id).where(_is_free(now), Job.name.in_([*kinds]))
    return session.scalars(waiting.order_by(Job.id)).all()


def is_to_put(session, kind, due_at):
    """Whether a recurring job has no row for a due time yet, and none that is open.

    What takes longer than its interval does not pile up.
    """
    is_there = or_(Job.scheduled_for == due_at, Job.status.in_(OPEN))
    return session.scalar(select(Job.id).where(*_recurring(kind), is_there)) is None


def put(session, kind, due_at, *, now):
    """Put the row of a recurring job for a due time; False where it is there. Commits.

    A unique constraint lets one of two workers do so. Rows of times long past go.
    """
    is_old = and_(Job.scheduled_for < now - KEPT, Job.status.not_in(OPEN))
    session.execute(delete(Job).where(*_recurring(kind), is_old))
    session.add(Job(name=kind, scheduled_for=due_at, run_after=due_at))
    try:
        session.commit()
    except IntegrityError:  # another worker was quicker
        session.rollback()
        return False
    return True


def _recurring(kind):
    return Job.name == kind, Job.scheduled_for.is_not(None)


def _is_free(now):
    return or_(
        and_(Job.status == "waiting", Job.run_after <= now),
        and_(Job.status == "running", Job.lease_until < now),
    )


def _give_up(session, job_id, now):
    session.execute(
        update(Job)
        .where(Job.id == job_id, _is_free(now), Job.attempts >= TRIES)
        .values(status="failed", problem=CUT_OFF, finished_at=now)
    )


def _change(session, job_id, attempt, **values):
    changed = _set(session, job_id, attempt, **values)
    session.commit()
    return changed


def _set(session, job_id, attempt, **values):
    is_ours = (Job.id == job_id, Job.status == "running", Job.attempts == attempt)
    changed = session.execute(update(Job).where(*is_ours).values(**values))
    return bool(changed.rowcount)
