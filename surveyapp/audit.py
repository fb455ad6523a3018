"""Who did what, as a chain: each event is sealed together with the one before.

The seal is keyed, so that nobody with the database alone can make one, and the
newest seal is kept a second time with the number of events, so that taking the
end of the chain away is found too.
"""

import hashlib
import hmac
import json

from flask import current_app
from sqlalchemy import select, text

from .database import utc_now
from .errors import AuditBroken
from .models import AuditEvent, AuditHead

START = "0" * 64
LOCK = 20170517  # an arbitrary number that stands for the chain among advisory locks


def record(session, *, actor, action, subject, trust_id=None, at=None, **detail):
    """Add an event to the caller's transaction; it is kept when that commits.

    `actor` and `subject` name by kind and number ("staff:4"); `detail` takes
    counts and codes, never what someone wrote or who they are.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
    head = session.get(AuditHead, 1, populate_existing=True)
    if head is None:
        head = AuditHead(id=1, n=0, seal=START)
        session.add(head)
    event = AuditEvent(
        at=at or utc_now(),
        actor=actor,
        action=action,
        subject=subject,
        detail=detail,
        trust_id=trust_id,
        previous_hash=head.seal,
    )
    event.hash = seal(event, _key())
    head.n, head.seal = head.n + 1, event.hash
    session.add(event)
    session.flush()
    return event


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


def verify(session):
    """The number of events if every seal holds; AuditBroken names the first other."""
    key, before, n = _key(), START, 0
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    for event in events.yield_per(500):
        n += 1
        if event.previous_hash != before:
            raise AuditBroken(f"event {event.id} does not follow the one before it")
        if not hmac.compare_digest(event.hash, seal(event, key)):
            raise AuditBroken(f"event {event.id} was changed after it was recorded")
        before = event.hash
    head = session.get(AuditHead, 1)
    if (head.n if head else 0) != n or (head and head.seal != before):
        raise AuditBroken(f"{head.n if head else 0} events were recorded, {n} are here")
    return n


def _key():
    return current_app.config["PROM"].derived_key("audit")
