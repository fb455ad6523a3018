"""Withdrawals, erasures and noes, noted outside the database; restores keep to them.

A backup of yesterday holds the answers of whoever withdrew today, and the details of
whoever was erased. Each of these leaves a line in the instance folder and in the log:
a keyed hash that names the row to nobody who lacks the installation's secrets, and
that no later row ever has.
"""

import hmac
import json
import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from .. import logs
from ..assessments import contact_erasure, withdrawal
from ..database import utc_now
from ..keys import derived_key
from ..models import Assessment, AuditEvent, Contact, Invitation
from ..running_config import running_config

FILE = "erasures.jsonl"
KINDS: dict[str, type[Contact] | type[Invitation]] = {
    "contact": Contact,
    "invitation": Invitation,
}
ACTIONS = {
    "assessment.withdrawn": Assessment,
    "invitation.withdrawn": Invitation,
    "contact.erased": Contact,
}
# Said by a person of a list; where the list is not here, of an invitation.
NOES = {"contact.opted_out", "contact.said_no"}


def fingerprint(record: Assessment | Invitation | Contact) -> str:
    """The keyed hash that stands for a row, and for no other that gets its number."""
    if isinstance(record, Assessment):
        named = f"assessment:{record.id}:{record.respondent.pseudonym}"
    elif isinstance(record, Invitation):
        named = f"invitation:{record.id}:{record.created_at.isoformat()}"
    else:
        return of_contact(record.id, record.created_at)
    return _keyed(named)


def of_contact(number: int, created_at: datetime) -> str:
    """The same of a contact, whose encrypted details need not be read for it."""
    return _keyed(f"contact:{number}:{created_at.isoformat()}")


def of_no(kind: str, number: int, created_at: datetime) -> str:
    """The same of a no to messages; `kind` is contact, or invitation."""
    return _keyed(f"no:{kind}:{number}:{created_at.isoformat()}")


def _keyed(named: str) -> str:
    key = derived_key("erasures").encode()
    return hmac.new(key, named.encode(), "sha256").hexdigest()


@event.listens_for(Session, "after_flush")
def _notice(session, _context):
    for new in session.new:
        if isinstance(new, AuditEvent) and new.action in ACTIONS:
            number = int(new.subject.partition(":")[2])
            record = session.get(ACTIONS[new.action], number)
            session.info.setdefault("erased", []).append(fingerprint(record))
        elif isinstance(new, AuditEvent) and new.action in NOES:
            kind, _, number = new.subject.partition(":")
            record = session.get(KINDS[kind], int(number))
            line = of_no(kind, record.id, record.created_at)
            session.info.setdefault("erased", []).append(line)


@event.listens_for(Session, "before_commit")
def _note(session):
    """Before it is certain: noted and not done is mended by doing it once more."""
    for erased in session.info.pop("erased", ()):
        logs.line().info("erased", erased=erased)
        _append(running_config().instance / FILE, erased)


@event.listens_for(Session, "after_rollback")
def _forget(session):
    session.info.pop("erased", None)


def _append(path: Path, erased: str) -> None:
    """Add a line that is on disk when this returns; the log has it in any case."""
    line = json.dumps({"event": "erased", "erased": erased}) + "\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as problem:
        logs.broken(problem, event="log")


def noted(lines) -> set[str]:
    """What was erased, among lines of the journal or of the log; others are passed."""
    found = set()
    for line in lines:
        _, brace, rest = line.partition("{")
        try:
            told = json.loads(brace + rest)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("event") == "erased":
            found.add(str(told.get("erased")))
    return found


def apply(session: Session, erased: set[str]) -> int:
    """Do again what is noted and still here; how many rows that were. Commits."""
    n = _erase_contacts(session, erased) + _say_no_again(session, erased)
    there = select(Assessment).where(Assessment.withdrawn_at.is_(None))
    for assessment in session.scalars(there.order_by(Assessment.id)).all():
        if fingerprint(assessment) in erased:
            withdrawal.withdraw(session, assessment.id, now=utc_now())
            n += 1
    on_paper = select(Invitation).where(Invitation.status != "withdrawn")
    for invitation in session.scalars(on_paper.order_by(Invitation.id)).all():
        if fingerprint(invitation) in erased:
            withdrawal.withdraw_paper(session, invitation.id, now=utc_now())
            n += 1
    return n


def _erase_contacts(session: Session, erased: set[str]) -> int:
    there = select(Contact.id, Contact.created_at).order_by(Contact.id)
    again = [row.id for row in session.execute(there) if of_contact(*row) in erased]
    for number in again:
        contact_erasure.erase(
            session,
            session.get_one(Contact, number),
            why="restored",
            actor="system",
            now=utc_now(),
        )
    return len(again)


def _say_no_again(session: Session, erased: set[str]) -> int:
    """A no is never taken back, so that an old line of one is as good as a new one."""
    willing = Contact.opted_out_at.is_(None)
    is_open = Invitation.status.not_in(("cancelled", "withdrawn"))
    n = 0
    for kind, still in (("contact", willing), ("invitation", is_open)):
        table = KINDS[kind]
        there = select(table.id, table.created_at).where(still).order_by(table.id)
        rows = session.execute(there).all()
        for number in [row.id for row in rows if of_no(kind, *row) in erased]:
            if kind == "contact":
                session.get_one(Contact, number).opted_out_at = utc_now()
            else:
                session.get_one(Invitation, number).status = "cancelled"
            n += 1
    session.commit()
    return n
