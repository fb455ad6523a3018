"""Asking for a run, cancelling it, asking again, deleting it. Each is in the audit."""

from sqlalchemy import select

from ... import audit, bank
from ...errors import NotFound, StillRunning
from ...jobs import lifecycle
from ...models import Job, ValidationRun
from . import attachments, report_files


def prerequisites(campaign, perspective):
    """The prerequisites that the questions of a perspective belong to, in order."""
    items = bank.instrument(campaign.instrument_ref(perspective)).items
    return tuple(dict.fromkeys(item.prerequisite for item in items))


def runs(session, campaign_ids):
    """The runs on answers to these campaigns, newest first."""
    query = select(ValidationRun).where(ValidationRun.campaign_id.in_(campaign_ids))
    return session.scalars(query.order_by(ValidationRun.id.desc())).all()


def ask(session, campaign, perspective, choices, *, user, now, attached=()):
    """Ask for a run with copies of what is attached; a worker takes it up."""
    run = ValidationRun(
        job=_job(campaign.trust_id, user, now),
        trust_id=campaign.trust_id,
        campaign=campaign,
        perspective=perspective,
        instrument=campaign.instrument_ref(perspective),
        choices=choices.kept(),
        asked_at=now,
        attachments=attachments.copies(attached),
    )
    session.add(run)
    session.flush()
    run.job.arguments = {"run": run.id}
    with_it = _fingerprints(run)
    audit.record(
        session,
        actor=user,
        action="validation.asked",
        subject=run,
        perspective=perspective,
        **with_it,
    )
    session.commit()
    return run


def cancel(session, run, *, user, now):
    """End a run that waits or runs; one that is over stays as it is."""
    if lifecycle.cancel(session, run.job_id, now=now):
        audit.record(session, actor=user, action="validation.cancelled", subject=run)
    session.commit()


def delete(session, run, *, user):
    """Delete a run that is over, with its report and its plan; the audit keeps that
    they were."""
    if run.job.is_open:
        raise StillRunning()
    gone = {"fingerprint": run.fingerprint, **_fingerprints(run)}
    audit.record(session, actor=user, action="validation.deleted", subject=run, **gone)
    job = run.job
    session.delete(run)
    session.flush()
    session.delete(job)
    session.commit()
    report_files.remove(run)


def read(session, run, name, *, user):
    """The bytes of one file of a run; that it was read is in the audit."""
    found = report_files.content(run, name)
    audit.record(session, actor=user, action="validation.read", subject=run, file=name)
    session.commit()
    return found


def read_attached(session, run, kind, *, user):
    """The attachment of a run and its bytes; that it was read is in the audit."""
    found = next((a for a in run.attachments if a.kind == kind), None)
    if found is None:
        raise NotFound()
    body = attachments.content(found)
    audit.record(session, actor=user, action="validation.read", subject=run, file=kind)
    session.commit()
    return found, body


def _fingerprints(run):
    """What was attached to a run, as the audit keeps it."""
    return {found.kind: found.sha256 for found in run.attachments}


def _job(trust_id, user, now):
    return Job(name="validation", trust_id=trust_id, asked_by_id=user.id, run_after=now)
