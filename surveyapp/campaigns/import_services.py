"""Earlier answers brought in from a file: looked at, written, and taken out again.

A file is kept in pieces and read without holding anything; rows are written in
batches that hold the database for a moment each. None of them counts until one last
statement makes all of them count: whoever is stopped half-way finds nothing new on
any page, and can go on or give up. Each function here takes one short step and, asked
from a page, leaves the long rest to a job; `import_work` has what that does.
"""

import hashlib
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from .. import audit, bank, file_pieces
from ..calendar import LONDON
from ..database import let_go
from ..delimited import opened, pieces
from ..errors import InvalidAnswers, NotAllowed, NotFound
from ..file_limits import EARLIER_WORKBOOK, FileRefused
from ..jobs import lifecycle
from ..models import AnswerImport, Assessment, Job
from ..models.answer_import import UNFINISHED
from ..plurals import counted
from . import import_rows
from .import_columns import columns_of
from .import_table import Reader

KEEP_UNWRITTEN = timedelta(days=7)
SENT_AGAIN = "Nobody has answered by it. The file can be sent again."
AGREE = "Say that the people agreed to taking part, and to this use of their answers"
NOT_WELL = "Some rows are not well: mend the file, or choose to bring in the others"
BEFORE = "this file was brought in before, on {:%-d %B %Y}"
JOB = "answer_import"
LONGEST_NAME = 100  # letters of a file's name


def receive(session, campaign, file, *, actor, now, name="", team_id=None, by=None):
    """Keep a binary file to be looked at; nothing of it counts. Commits.

    `name` is the file's own, by which some kinds are told. `by` is the number of
    whoever asked from a page; what follows is a job then.

    Raises FileRefused where it cannot be read as far as its column names, was
    brought in before, or is of an adaptive form, which asks everybody something
    else. A file that was looked at and not confirmed is looked at again.
    """
    if any(bank.instrument(c.instrument).adaptive for c in campaign.instruments):
        raise FileRefused("an adaptive form asks everybody something else")
    campaign.teams  # loaded, because nothing is held while the file is read
    known = columns_of(campaign)
    let_go(session)
    fingerprint = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    file, encoding = opened(
        file,
        name[-LONGEST_NAME:] or "the file",
        limit=EARLIER_WORKBOOK,
        known=known,
        is_upload=by is not None,
    )
    Reader(pieces(file, encoding), campaign, today=day_of(now), team_id=team_id)
    _forget_unwritten(session, campaign, now)
    options = {"team_id": team_id, "encoding": encoding}
    made = _of_before(session, campaign, fingerprint)
    if made is not None and made.stage == "writing":
        return made
    if made is None:
        made = AnswerImport(campaign=campaign, made_at=now, options=options, n_rows=0)
        session.add(made)
        session.commit()
        file_pieces.keep(session, made.id, filter(None, pieces(file, encoding)))
    return _ready(session, made.id, fingerprint, options, actor, now, by)


def _ready(session, import_id, fingerprint, options, actor, now, by):
    """Let a file be looked at, all of which is kept."""
    made = locked(session, import_id)
    if made.stage not in ("receiving", "checking", "checked"):
        session.commit()
        raise FileRefused("this import was given up while the file came in")
    made.stage, made.fingerprint, made.findings = "checking", fingerprint, None
    made.options, made.made_by_id = options, by
    _ask(session, made, by, now)
    try:
        session.commit()
    except IntegrityError:  # of two who send the same file, one is first
        session.rollback()
        cancel(session, import_id, actor=actor, now=now, by=by)
        raise FileRefused(BEFORE.format(now.astimezone(LONDON))) from None
    return made


def _of_before(session, campaign, fingerprint):
    """The unfinished import of this file, or None; refused where it was finished."""
    query = select(AnswerImport).where(AnswerImport.campaign_id == campaign.id)
    held = session.scalar(query.where(AnswerImport.fingerprint == fingerprint))
    let_go(session)
    if held is not None and held.stage not in UNFINISHED:
        raise FileRefused(BEFORE.format(held.made_at.astimezone(LONDON)))
    return held


def _forget_unwritten(session, campaign, now):
    """Delete files that nobody confirmed."""
    old = select(AnswerImport.id).where(
        AnswerImport.campaign_id == campaign.id,
        AnswerImport.stage.in_(("receiving", "checking", "checked")),
        AnswerImport.made_at < now - KEEP_UNWRITTEN,
    )
    for number in session.scalars(old).all():
        cancel(session, number, actor="system", now=now)


def confirm(session, import_id, *, actor, now, agreed, good_rows_only=False, by=None):
    """Begin to write; every row must be well, or the others be left out on purpose.

    Raises InvalidAnswers without the word that people agreed. Commits.
    """
    made = locked(session, import_id)
    if made.stage != "checked":
        session.commit()
        return made
    n_bad, problems = made.n_rows - made.n_good, {}
    if not agreed:
        problems["agreed"] = AGREE
    if n_bad and not good_rows_only:
        problems["good_rows_only"] = NOT_WELL
    if not made.n_good:
        problems["good_rows_only"] = "No row is well"
    if problems:
        session.rollback()
        raise InvalidAnswers(problems)
    made.stage = "writing"
    made.options = made.options | {"good_rows_only": good_rows_only}
    audit.record(
        session,
        actor=actor,
        action="import.confirmed",
        subject=made,
        n=made.n_good,
        left=n_bad,
    )
    _ask(session, made, by, now)
    session.commit()
    return made


def ask_again(session, import_id, *, now, by):
    """Let a job go on with an import whose job is over before it was done. Commits."""
    made = locked(session, import_id)
    if made.is_at_work and not (made.job and made.job.is_open):
        _ask(session, made, by, now)
    session.commit()
    return made


def cancel(session, import_id, *, actor, now, by=None):
    """Give up an import that is not finished. Commits.

    None of its rows counts, and a job, or `import_work`, takes them away.
    """
    made = locked(session, import_id)
    if made.stage in UNFINISHED:
        if made.job_id is not None:
            lifecycle.cancel(session, made.job_id, now=now)
        give_up(session, made, actor)
        _ask(session, made, by, now)
    session.commit()
    return made


def give_up(session, made, actor):
    """An import is not to be finished; its file is set free. The caller commits."""
    made.stage, made.fingerprint, made.findings = "cancelling", None, None
    audit.record(
        session, actor=actor, action="import.cancelled", subject=made, n=made.n_written
    )


def undo(session, import_id, *, actor, now, by=None):
    """Withdraw every answer of a finished import at once; whether it is. Commits.

    What the rows hold is deleted by a job, or `import_work`. NotAllowed where answers
    that came later belong to the same people: a second wave without its first would
    say something else.
    """
    made = locked(session, import_id)
    if made.stage != "done":
        session.commit()
        return made.stage == "undoing"
    later = depending(session, made)
    if later:
        session.rollback()
        raise NotAllowed(f"{later} later assessments are of the same people")
    n = n_in(session, made)
    import_rows.withdraw(session, made, now=now)
    made.stage, made.fingerprint, made.undone_at = "undoing", None, now
    audit.record(session, actor=actor, action="import.undone", subject=made, n=n)
    _ask(session, made, by, now)
    session.commit()
    return True


def words_of(session, made, act):
    """What giving an import up, or undoing it, does: its title, facts and button.

    NotFound where it is not at a stage that can be ended so.
    """
    if act == "cancel" and made.stage in UNFINISHED:
        facts = ["None of its rows counts, and its file is deleted.", SENT_AGAIN]
        return "Give up this import?", facts, "Give it up"
    if act != "undo" or made.stage != "done" or depending(session, made):
        raise NotFound()
    rows = counted(n_in(session, made), "row was", "rows were")
    facts = [
        f"{rows} brought in. The answers and scores of all are deleted.",
        "They count as withdrawn. Figures that were let out stay as they are.",
        "They cannot be brought back but from the file.",
    ]
    return "Undo this import?", facts, "Delete what this import brought in"


def _ask(session, made, by, now):
    """A job for whoever asked from a page; the caller commits."""
    if by is not None:
        trust_id = made.campaign.trust_id
        made.job = Job(name=JOB, trust_id=trust_id, asked_by_id=by, run_after=now)
        made.job.arguments = {"import": made.id}


def n_in(session, made):
    """How many assessments came from this import and are still here."""
    mine = import_rows.ids(made).subquery()
    return session.scalar(select(func.count()).select_from(mine))


def depending(session, made):
    """How many assessments that came after this import are of people in it."""
    mine = import_rows.ids(made)
    people = select(Assessment.respondent_id).where(Assessment.id.in_(mine))
    last = select(func.max(Assessment.id)).where(Assessment.id.in_(mine))
    return session.scalar(
        select(func.count(Assessment.id)).where(
            Assessment.respondent_id.in_(people),
            Assessment.id > last.scalar_subquery(),
            Assessment.withdrawn_at.is_(None),
        )
    )


def imports_of(session, campaign):
    """The campaign's imports, newest first."""
    query = select(AnswerImport).where(AnswerImport.campaign_id == campaign.id)
    return session.scalars(query.order_by(AnswerImport.id.desc())).all()


def day_of(at):
    """The day of a time, in London."""
    return at.astimezone(LONDON).date()


def locked(session, import_id):
    """The import, while others who want to go on with it wait; NotFound without it."""
    made = AnswerImport.locked(session, import_id)
    if made is None:
        raise NotFound()
    return made
