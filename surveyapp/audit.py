"""Who did what, as a chain: each event is sealed together with the one before.

The seal is keyed, so that nobody with the database alone can make one. So is the
head, which names the newest event by number and seal: taking events off the end, or
all of them, is found too. Number and seal of each event also go to the log, where an
older copy of the whole database, put in place of the newest, does not agree with it.
"""

import hashlib
import hmac
import json
import sys

from flask import current_app, has_request_context
from sqlalchemy import event as events_of
from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from . import logs
from .database import utc_now
from .errors import AuditBroken
from .models import AuditEvent, AuditHead, StaffUser, Trust

START = "0" * 64
LOCK = 20170517  # an arbitrary number that stands for the chain among advisory locks
KINDS = {"staff_user": "staff", "answer_import": "import", "contact_import": "contacts"}


def record(session, *, actor, action, subject, at=None, **detail):
    """Add an event to the caller's transaction; it is kept when that commits.

    `actor` is a record or a name of its own ("respondent"); `subject` is the record
    that was acted on, which knows its trust; None is the installation. What concerns
    staff of several trusts is one event in each. `detail` takes counts and codes,
    never what someone wrote or who they are.
    """
    session.flush()  # whatever is new has its number now
    who = actor if isinstance(actor, str) else name_of(actor)
    head = _locked_head(session)
    for trust_id in trusts_of(subject):
        event = AuditEvent(
            at=at or utc_now(),
            actor=who,
            action=action,
            subject=name_of(subject),
            detail=detail,
            trust_id=trust_id,
            previous_hash=head.seal,
        )
        event.hash = seal(event, _key())
        _move(head, event.hash)
        session.add(event)
        session.info.setdefault("audit", []).append((head.n, event.hash))
    session.flush()


def name_of(subject):
    """A record by kind and number, as events name it."""
    if subject is None:
        return "installation"
    kind = subject.__tablename__
    return f"{KINDS.get(kind, kind)}:{subject.id}"


def trusts_of(subject):
    """Numbers of the trusts that an event about this record belongs to.

    [None] where it belongs to the installation, as does an administrator of every
    trust.
    """
    if isinstance(subject, Trust):
        return [subject.id]
    if isinstance(subject, StaffUser):
        own = {grant.trust_id for grant in subject.grants if grant.trust_id}
        return sorted(own) or [None]
    return [None] if subject is None else [subject.trust_id]


def seal(event, key):
    """The keyed hash of an event and of the seal before it."""
    said = [
        event.previous_hash,
        event.at.isoformat(timespec="microseconds"),
        event.actor,
        event.action,
        event.subject,
        event.detail,
        event.trust_id,
    ]
    text_ = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hmac.new(key.encode(), text_.encode(), hashlib.sha256).hexdigest()


def head_proof(n, newest, key):
    """The keyed hash of the head; empty in a head that cannot be trusted."""
    return hmac.new(key.encode(), f"{n}:{newest}".encode(), hashlib.sha256).hexdigest()


def first_head():
    """The head of a chain without events, as a new database begins."""
    proof = head_proof(0, START, _head_key())
    return AuditHead(id=1, n=0, seal=START, proof=proof)


def verify(session, logged=None):
    """The number of events if every seal holds; AuditBroken names the first other.

    `logged` is number -> seal as the log has them: each must be in the chain.
    """
    key, before, n = _key(), START, 0
    logged = dict(logged or {})
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    for event in events.yield_per(500):
        n += 1
        if event.previous_hash != before:
            raise AuditBroken(f"event {event.id} does not follow the one before it")
        if not hmac.compare_digest(event.hash, seal(event, key)):
            raise AuditBroken(f"event {event.id} was changed after it was recorded")
        if logged.pop(n, event.hash) != event.hash:
            raise AuditBroken(f"event {n} of the log is not event {n} of the database")
        before = event.hash
    _verify_head(session, n, before)
    if logged:
        raise AuditBroken(f"the log has event {max(logged)}, the database {n} events")
    return n


def _verify_head(session, n, newest):
    head = session.get(AuditHead, 1, populate_existing=True)
    if head is None:
        raise AuditBroken("the record of the newest event is missing")
    if not _holds(head):
        raise AuditBroken("the record of the newest event was changed, or lost before")
    if (head.n, head.seal) != (n, newest):
        raise AuditBroken(f"{head.n} events were recorded, {n} are here")


def logged_seals(lines):
    """Number -> seal of the events among lines of the log; other lines are passed.

    A supervisor may have put its own words before each line. AuditBroken where two
    lines give one number different seals: the end was taken away and made anew.
    """
    seals = {}
    for line in lines:
        _, brace, rest = line.partition("{")
        try:
            told = json.loads(brace + rest)
        except ValueError:
            continue
        if told.get("event") != "audit":
            continue
        n, sealed = told.get("n"), told.get("seal")
        if seals.setdefault(n, sealed) != sealed:
            raise AuditBroken(f"event {n} was recorded twice, with different seals")
    return seals


def accept(session, *, actor):
    """Make the chain as it is now the one to go on with, once its head is in doubt.

    The events that are there must hold; how many were lost stays in the audit.
    Commits. Returns the number of events, this one included.
    """
    head = _locked_head(session)
    n = session.query(AuditEvent).count()
    recorded, trusted = head.n, _holds(head)
    head.n, head.proof = n, head_proof(n, head.seal, _head_key())
    session.flush()
    verify(session)
    detail = {"recorded": recorded, "here": n, "trusted": trusted}
    record(session, actor=actor, action="audit.accepted", subject=None, **detail)
    session.commit()
    return n + 1


def read_at_one_moment(session):
    """Let what a session is about to read be of one moment, and keep nobody waiting."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    how = {"isolation_level": "REPEATABLE READ"} if postgresql else {}
    session.connection(execution_options=how)


def _locked_head(session):
    """The head, which nobody else moves before this transaction ends.

    One that does not agree with the newest event loses its proof and follows it:
    what happens next is still recorded, and the break stays in sight.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
    head = session.get(AuditHead, 1, populate_existing=True, with_for_update=True)
    if head is None:
        head = AuditHead(id=1, n=0, seal="", proof="")
        session.add(head)
    newest = _newest_seal(session)
    if head.seal != newest:
        head.seal, head.proof = newest, ""
    return head


def _newest_seal(session):
    """The seal that no event follows, by whichever number it has now."""
    later = aliased(AuditEvent)
    followed = select(later.id).where(later.previous_hash == AuditEvent.hash).exists()
    query = select(AuditEvent.hash).where(~followed).order_by(AuditEvent.id.desc())
    return session.scalar(query.limit(1)) or START


def _move(head, newest):
    """Let the head name one more event; one that does not hold is not healed by it."""
    trusted = _holds(head)
    head.n, head.seal = head.n + 1, newest
    head.proof = head_proof(head.n, newest, _head_key()) if trusted else ""


def _holds(head):
    wanted = head_proof(head.n, head.seal, _head_key())
    return hmac.compare_digest(head.proof, wanted)


@events_of.listens_for(Session, "after_commit")
def _log(session):
    """Number and seal of what was just kept, for whoever keeps the log."""
    if session.get_nested_transaction() is not None:
        return
    for n, sealed in session.info.pop("audit", ()):
        # At a terminal somebody reads what a command answers, not seals.
        if has_request_context() or not sys.stderr.isatty():
            logs.line().info("audit", n=n, seal=sealed)


@events_of.listens_for(Session, "after_rollback")
def _forget(session):
    session.info.pop("audit", None)


def _key():
    return current_app.config["PROM"].derived_key("audit")


def _head_key():
    return current_app.config["PROM"].derived_key("audit head")
