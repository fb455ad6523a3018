"""Plans and population tables: held for a campaign's next runs, copied to each run."""

from dataclasses import replace
from hashlib import sha256

from sqlalchemy import select

from ... import audit
from ...assessments.queries import n_submitted
from ...calendar import local_time
from ...database import let_go
from ...errors import FileDamaged
from ...models import Campaign, RunAttachment
from ...models.validation_run import ATTACHED
from ...table_files.raw_table import InvalidTable
from ...wording import counted
from ..files.invalid_plan import InvalidPlan
from . import campaign_plan

LONGEST_NAME = 120
MEDIA = {"plan": "application/yaml", "population": "text/csv"}


def held(session, campaign, perspective):
    """What is held for the next run, by kind."""
    query = _held(campaign, perspective).order_by(RunAttachment.id)
    return {found.kind: found for found in session.scalars(query)}


def hold(session, campaign, perspective, kind, name, raw, *, user, now):
    """Check a file and hold it in place of an earlier one. Commits.

    Raises InvalidPlan or InvalidTable, and then nothing is changed.
    """
    name = _shown(name) or kind
    let_go(session)
    if kind == "plan":
        campaign_plan.read_for(raw, name, campaign, perspective)
    else:
        from ..files.population import parse_population  # with pandas

        parse_population(raw, name)
    # Two who attach at the same moment take turns, so that one is held in the end.
    session.get(Campaign, campaign.id, with_for_update=True)
    _delete(session, campaign, perspective, kind)
    made = RunAttachment(
        campaign_id=campaign.id,
        perspective=perspective,
        kind=kind,
        name=name,
        sha256=sha256(raw).hexdigest(),
        content=raw,
        n_sent=n_submitted(session, campaign, perspective),
        attached_at=now,
        attached_by_id=user.id,
    )
    session.add(made)
    action = f"validation.{kind}_attached"
    audit.record(session, actor=user, action=action, subject=campaign, **_about(made))
    session.commit()
    return made


def hold_all(session, campaign, perspective, sent, **who_and_when):
    """Hold each file that was sent; lines on what is wrong, by kind.

    `sent` gives by kind a file with `filename` and `read`, or nothing, none of them
    larger than may be. One that is wrong leaves what was held before.
    """
    problems = {}
    for kind in ATTACHED:
        file = sent.get(kind)
        if not file:
            continue
        raw = file.read()
        try:
            hold(
                session, campaign, perspective, kind, file.filename, raw, **who_and_when
            )
        except (InvalidPlan, InvalidTable) as problem:
            problems[kind] = str(problem).splitlines()
    return problems


def remove(session, campaign, perspective, kind, *, user):
    """Hold nothing of this kind any longer; runs keep their copies. Commits."""
    action = f"validation.{kind}_removed"
    for gone in _delete(session, campaign, perspective, kind):
        about = _about(gone)
        audit.record(session, actor=user, action=action, subject=campaign, **about)
    session.commit()


def copies(attachments):
    """The same files for another run, as they were and when they were attached."""
    kept = [c.key for c in RunAttachment.__table__.columns]
    kept = [name for name in kept if name not in ("id", "run_id")]
    return [
        RunAttachment(**{name: getattr(found, name) for name in kept})
        for found in attachments
    ]


def content(attachment):
    """The bytes as they were handed in; FileDamaged where they are not."""
    if sha256(attachment.content).hexdigest() != attachment.sha256:
        raise FileDamaged(f"attachment {attachment.id} was changed after it was kept")
    return attachment.content


def plan_of(run):
    """The plan of a run with when it was attached, or None."""
    if run.plan is None:
        return None
    from ..files.plans import parse_plan  # with the library

    plan = parse_plan(content(run.plan), run.plan.name)
    return replace(plan, attached=when(run.plan))


def when(attachment):
    """When it was attached, and how many forms had been sent by then."""
    n = attachment.n_sent
    forms = counted(n, "form had", "forms had") if n else "no forms had"
    return f"{local_time(attachment.attached_at)}, when {forms} been sent"


def _held(campaign, perspective):
    return select(RunAttachment).where(
        RunAttachment.campaign_id == campaign.id,
        RunAttachment.perspective == perspective,
        RunAttachment.run_id.is_(None),
    )


def _delete(session, campaign, perspective, kind):
    query = _held(campaign, perspective).where(RunAttachment.kind == kind)
    found = session.scalars(query).all()
    for earlier in found:
        session.delete(earlier)
    return found


def _shown(name):
    """A file's name without folders and signs that cannot be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable()).strip()[-LONGEST_NAME:]


def _about(attachment):
    """What the audit keeps of an attachment."""
    return {
        "perspective": attachment.perspective,
        "fingerprint": attachment.sha256,
        "n_sent": attachment.n_sent,
    }
