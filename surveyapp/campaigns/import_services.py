"""Earlier answers brought in from a file: looked at, written, and taken out again.

Rows are written in batches that hold the database for a moment each. None of them
counts until the last step, which makes all of them count at once: whoever is
stopped half-way finds nothing new on any page, and can go on or give up.
"""

import hashlib
import time
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select, update

from .. import audit, bank
from ..calendar import LONDON, quarter_of
from ..database import utc_now
from ..errors import InvalidAnswers, NotAllowed, NotFound
from ..models import AnswerImport, Assessment, Campaign, ImportedAssessment, Release
from . import import_rows
from .import_table import InvalidImport, decoded, read_table

BATCH = 500
KEEP_UNWRITTEN = timedelta(days=7)
AGREE = "Say that the people agreed to taking part, and to this use of their answers"
NOT_WELL = "Some rows are not well: mend the file, or choose to bring in the others"
BEFORE = "This file was brought in before, on {:%-d %B %Y}"


def check(session, campaign, raw, *, actor, now, team_id=None, made_by_id=None):
    """Look at a file and keep it until it is confirmed; nothing is written yet.

    Raises InvalidImport where it cannot be read, was brought in before, or is of
    an adaptive form, which asks everybody something else. Commits.
    """
    if any(bank.instrument(c.instrument).adaptive for c in campaign.instruments):
        raise InvalidImport("an adaptive form asks everybody something else")
    text = decoded(raw)
    fingerprint = hashlib.sha256(raw).hexdigest()
    session.get(Campaign, campaign.id, with_for_update=True)
    _forget_unwritten(session, campaign, now)
    held = session.scalar(
        select(AnswerImport).filter_by(campaign_id=campaign.id, fingerprint=fingerprint)
    )
    if held is not None and held.stage != "checked":
        raise InvalidImport(BEFORE.format(held.made_at.astimezone(LONDON)))
    table = _table(text, campaign, team_id, now)
    made = held or AnswerImport(
        campaign=campaign, fingerprint=fingerprint, content=text, made_at=now
    )
    made.n_rows, made.n_problems = table.n_rows, len(table.problems)
    made.options, made.made_by_id = {"team_id": team_id}, made_by_id
    session.add(made)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="import.checked",
        subject=made,
        n=table.n_rows,
        bad=table.n_bad,
    )
    session.commit()
    return made, table


def table_of(made, *, now):
    """The file read again, as long as it is kept."""
    if made.content is None:
        raise NotFound()
    return _table(made.content, made.campaign, made.options.get("team_id"), now)


def _table(text, campaign, team_id, now):
    today = now.astimezone(LONDON).date()
    return read_table(text, campaign, today=today, team_id=team_id)


def _forget_unwritten(session, campaign, now):
    """Delete files that nobody confirmed."""
    session.execute(
        update(AnswerImport)
        .where(
            AnswerImport.campaign_id == campaign.id,
            AnswerImport.stage == "checked",
            AnswerImport.made_at < now - KEEP_UNWRITTEN,
        )
        .values(stage="cancelled", content=None, fingerprint=None)
    )


def confirm(session, import_id, *, actor, now, agreed, good_rows_only=False):
    """Begin to write; every row must be well, or the others be left out on purpose.

    Raises InvalidAnswers without the word that people agreed. Commits.
    """
    made = _locked(session, import_id)
    if made.stage != "checked":
        return made
    table = table_of(made, now=now)
    problems = {}
    if not agreed:
        problems["agreed"] = AGREE
    if table.problems and not good_rows_only:
        problems["good_rows_only"] = NOT_WELL
    if not table.rows:
        problems["good_rows_only"] = "No row is well"
    if problems:
        raise InvalidAnswers(problems)
    made.stage = "writing"
    left_out = table.n_bad
    audit.record(
        session,
        actor=actor,
        action="import.confirmed",
        subject=made,
        n=len(table.rows),
        left=left_out,
    )
    session.commit()
    return made


def carry_on(session, import_id, *, actor, seconds=None, progress=None):
    """Write batches until all is written, or for about `seconds`; whether it is done.

    What another import of the same people has brought in meanwhile is left out.
    """
    until = None if seconds is None else time.monotonic() + seconds
    made = _locked(session, import_id)
    if made.stage != "writing":
        session.commit()
        return made.stage == "done"
    rows = table_of(made, now=utc_now()).rows
    while made.n_written < len(rows):
        # Two files of the same people take turns, batch by batch.
        session.get(Campaign, made.campaign_id, with_for_update=True)
        batch = rows[made.n_written : made.n_written + BATCH]
        import_rows.write(session, made, batch, now=utc_now())
        made.n_written += len(batch)
        session.commit()
        if progress is not None:
            progress(made.n_written, len(rows))
        if until is not None and time.monotonic() > until:
            return False
        made = _locked(session, import_id)
        if made.stage != "writing":  # given up, or finished, in another tab
            session.commit()
            return made.stage == "done"
    _finish(session, made, actor)
    return True


def _finish(session, made, actor):
    """Make every row count at once, and forget the file."""
    mine = import_rows.ids(made)
    session.execute(
        update(Assessment)
        .where(Assessment.id.in_(mine))
        .values(submitted_at=Assessment.started_at)
        .execution_options(synchronize_session=False)
    )
    made.stage, made.content, made.finished_at = "done", None, utc_now()
    audit.record(
        session,
        actor=actor,
        action="import.finished",
        subject=made,
        n=n_in(session, made),
    )
    session.commit()


def cancel(session, import_id, *, actor):
    """Give up an import that is not finished; no trace of its rows stays. Commits."""
    made = _locked(session, import_id)
    if made.stage not in ("checked", "writing"):
        return session.commit()
    import_rows.delete(session, made)
    made.stage, made.content, made.fingerprint = "cancelled", None, None
    audit.record(
        session, actor=actor, action="import.cancelled", subject=made, n=made.n_written
    )
    made.n_written = 0
    session.commit()


def undo(session, import_id, *, actor, now):
    """Withdraw every answer of a finished import at once; whether it was. Commits.

    NotAllowed where answers that came later belong to the same people: a second
    wave without its first would say something else.
    """
    made = _locked(session, import_id)
    if made.stage != "done":
        session.commit()
        return False
    later = depending(session, made)
    if later:
        raise NotAllowed(f"{later} later assessments are of the same people")
    n = import_rows.withdraw(session, made, now=now)
    made.stage, made.fingerprint, made.undone_at = "undone", None, now
    audit.record(session, actor=actor, action="import.undone", subject=made, n=n)
    session.commit()
    return True


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


def preview(session, campaign, table):
    """Counts of the good rows: (perspective, quarter, mode, rows, whether let out)."""
    counts = Counter((r.perspective, quarter_of(r.at), r.mode) for r in table.rows)
    final = set(
        session.execute(
            select(Release.perspective, Release.quarter).where(
                Release.trust_id == campaign.trust_id, Release.is_final
            )
        ).all()
    )
    return [
        (perspective, quarter, mode, n, (perspective, quarter) in final)
        for (perspective, quarter, mode), n in sorted(counts.items())
    ]


def known_rows(session, made, table):
    """Lines whose person, perspective and wave are in the campaign already."""
    keys = {import_rows.row_key(made.campaign, row): row.line for row in table.rows}
    keys.pop(None, None)
    held = import_rows.held(session, ImportedAssessment.row_key, list(keys))
    return sorted(keys[key] for key in held)


def imports_of(session, campaign):
    """The campaign's imports, newest first."""
    query = select(AnswerImport).where(AnswerImport.campaign_id == campaign.id)
    return session.scalars(query.order_by(AnswerImport.id.desc())).all()


def _locked(session, import_id):
    made = AnswerImport.locked(session, import_id)
    if made is None:
        raise NotFound()
    return made
