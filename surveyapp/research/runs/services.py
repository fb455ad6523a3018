"""Asking for a run, cancelling it, asking again, deleting it. Each is in the audit."""

from sqlalchemy import select

from ... import audit, bank
from ...errors import StillRunning
from ...extensions import queue
from ...jobs import ledger
from ...models import Job, ValidationRun
from . import files


def prerequisites(campaign, perspective):
    """The prerequisites that the questions of a perspective belong to, in order."""
    items = bank.instrument(campaign.instrument_ref(perspective)).items
    return tuple(dict.fromkeys(item.prerequisite for item in items))


def runs(session, trust_ids):
    """The runs within reach, newest first."""
    query = select(ValidationRun).where(ValidationRun.trust_id.in_(trust_ids))
    return session.scalars(query.order_by(ValidationRun.id.desc())).all()


def ask(session, campaign, perspective, choices, *, user, now):
    """Ask for a run; a worker takes it up."""
    run = ValidationRun(
        job=_job(campaign.trust_id, user, now),
        trust_id=campaign.trust_id,
        campaign=campaign,
        perspective=perspective,
        instrument=campaign.instrument_ref(perspective),
        choices=choices.kept(),
        asked_at=now,
    )
    session.add(run)
    session.flush()
    run.job.arguments = {"run": run.id}
    _record(session, run, user, "validation.asked", perspective=perspective)
    session.commit()
    queue.wake(run.job_id)
    return run


def cancel(session, run, *, user, now):
    """End a run that waits or runs; one that is over stays as it is."""
    if ledger.cancel(session, run.job_id, now=now):
        _record(session, run, user, "validation.cancelled")
    session.commit()


def delete(session, run, *, user):
    """Delete a run that is over, with its report; the audit keeps that it was."""
    if run.job.is_open:
        raise StillRunning()
    _record(session, run, user, "validation.deleted", fingerprint=run.fingerprint)
    job = run.job
    session.delete(run)
    session.flush()
    session.delete(job)
    session.commit()
    files.remove(run)


def read(session, run, name, *, user):
    """The bytes of one file of a run; that it was read is in the audit."""
    found = files.content(run, name)
    _record(session, run, user, "validation.read", file=name)
    session.commit()
    return found


def _job(trust_id, user, now):
    return Job(name="validation", trust_id=trust_id, asked_by_id=user.id, run_after=now)


def _record(session, run, user, action, **detail):
    audit.record(
        session,
        actor=f"staff:{user.id}",
        action=action,
        subject=f"validation_run:{run.id}",
        trust_id=run.trust_id,
        **detail,
    )
