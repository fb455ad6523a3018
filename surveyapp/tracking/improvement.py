"""Notes of what was tried: written, changed, closed and opened again.

Each of these stands in the audit. Notes stand on charts; nothing is worked out from
them, least of all limits.
"""

from datetime import date

from sqlalchemy import or_, select

from .. import audit
from ..errors import InvalidAnswers, NotFound
from ..models import ImprovementNote

LONGEST = 300
FIRST_DAY = date(2000, 1, 1)


def notes_of(session, trust_id, team_ids):
    """Notes of the whole trust and of some teams, the earliest first."""
    query = (
        select(ImprovementNote)
        .where(ImprovementNote.trust_id == trust_id)
        .where(
            or_(
                ImprovementNote.team_id.is_(None),
                ImprovementNote.team_id.in_([*team_ids]),
            )
        )
        .order_by(ImprovementNote.started_on, ImprovementNote.id)
    )
    return session.scalars(query).all()


def find(session, trust_id, number, may_write):
    """The note, if this person may write those of its team; else NotFound."""
    note = session.get(ImprovementNote, number)
    if note is None or note.trust_id != trust_id or not may_write(note.team_id):
        raise NotFound()
    return note


def write(session, trust_id, team_id, typed, *, user, today):
    """Add a note of a team, or of the trust where that is None. Commits."""
    note = ImprovementNote(trust_id=trust_id, team_id=team_id, written_by_id=user.id)
    _fill(note, typed, today)
    session.add(note)
    return _keep(session, note, "written", user)


def change(session, note, typed, *, user, now, today):
    """Put other words or days into a note. Commits."""
    _fill(note, typed, today)
    note.changed_at = now
    return _keep(session, note, "changed", user)


def end(session, note, *, user, today):
    """Close a note: what it is about goes on no longer. Commits."""
    note.ended_on = max(today, note.started_on)
    return _keep(session, note, "ended", user)


def go_on(session, note, *, user):
    """Open a note again that was closed too early. Commits."""
    note.ended_on = None
    return _keep(session, note, "resumed", user)


def _fill(note, typed, today):
    problems = dict(_problems(typed, note, today))
    if problems:
        raise InvalidAnswers(problems)
    note.what = typed["what"].strip()
    note.started_on = day_of(typed["started_on"])


def _problems(typed, note, today):
    what, started = typed.get("what", "").strip(), day_of(typed.get("started_on", ""))
    if not what:
        yield "what", "Write what you tried"
    elif len(what) > LONGEST:
        yield "what", f"Write {LONGEST} characters at most; these are {len(what)}"
    last = note.ended_on or today
    if started is None:
        yield "started_on", "Write a day, such as 2026-03-27"
    elif not FIRST_DAY <= started <= last:
        yield "started_on", f"Choose a day from {FIRST_DAY} to {last}"


def day_of(text):
    """A day as it is typed, 2026-03-27; None where it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _keep(session, note, what, user):
    audit.record(
        session,
        actor=user,
        action=f"improvement_note.{what}",
        subject=note,
        team=note.team_id,
    )
    session.commit()
    return note
