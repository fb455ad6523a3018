"""An import taken back: who was new goes, and who was known is as they were before.

What stood before an import is kept, encrypted, for as long as it may be taken back.
"""

import json
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import selectinload

from ..assessments.retention import forget
from ..database import take_turns
from ..models import Contact, ContactChange, ContactKey, Suppression
from ..plurals import counted
from .services import locked

BATCH = 200
KEEP_BEFORE = timedelta(days=30)
COPIED = [
    *("name", "postal_address", "email", "telephone", "language", "preferences"),
    *("team_id", "perspective", "retain_until", "opted_out_at"),
]
ARE_AS_BEFORE = "Those who were known before have the details again that they had."
TOO_OLD = (
    "Those who were known before keep what it says: "
    f"it is more than {KEEP_BEFORE.days} days old."
)
TIMES = ("retain_until", "opted_out_at")


def words_of(made, *, now):
    """What taking a list back, or giving it up, does: its title, facts and button."""
    if made.stage != "done":
        facts = ["Nobody of it is kept, and its file is deleted. It can be sent again."]
        return "Give up this list?", facts, "Give it up"
    facts = [f"{counted(made.n_written, 'row was', 'rows were')} brought in with it."]
    if made.is_list:
        facts.append("Those who are on it are written to again, if nothing else stops.")
    else:
        facts.append("Who came in with it is deleted, and is sent nothing more.")
        facts.append(ARE_AS_BEFORE if now < made.made_at + KEEP_BEFORE else TOO_OLD)
    facts.append("It cannot be brought back but from its file.")
    return "Take this list back?", facts, "Take it back"


def remember(session, made, contacts, *, now):
    """Keep what stands of these contacts, once for each import, before it changes."""
    ids = [contact.id for contact in contacts]
    kept = select(ContactChange.contact_id).where(
        ContactChange.contact_import_id == made.id, ContactChange.contact_id.in_(ids)
    )
    held = {*session.scalars(kept)} if ids else set()
    for contact in contacts:
        if contact.id not in held and contact.contact_import_id != made.id:
            of = {"contact_import_id": made.id, "contact_id": contact.id}
            session.add(ContactChange(**of, before=_as_text(contact), made_at=now))


def clear(session, number, _actor, _at_step):
    """Take back what an import wrote, some at a time, on from where it was stopped."""
    while True:
        made = locked(session, number)
        n = _put_back(session, made) or _delete_new(session, made)
        n += _delete_listed(session, made)
        if not n:
            made.stage = "undone" if made.stage == "undoing" else "cancelled"
            session.commit()
            return
        session.commit()
        session.expunge_all()
        take_turns(session)


def forget_before(session, *, now):
    """Delete what stood before imports that are too old to be taken back. Commits."""
    old = ContactChange.made_at <= now - KEEP_BEFORE
    keys = (ContactChange.contact_import_id, ContactChange.contact_id)
    while some := session.execute(select(*keys).where(old).limit(BATCH)).all():
        for made_id in sorted({import_id for import_id, _ in some}):
            ids = [contact for import_id, contact in some if import_id == made_id]
            session.execute(
                delete(ContactChange).where(keys[0] == made_id, keys[1].in_(ids)),
                execution_options={"synchronize_session": False},
            )
        session.commit()
        take_turns(session)


def _put_back(session, made):
    """Put back some of who was known; how many.

    Where a later import changed the same contact, that keeps what it says, and what
    stood before this one is what stood before it.
    """
    mine = select(ContactChange).where(ContactChange.contact_import_id == made.id)
    changes = session.scalars(mine.limit(BATCH)).all()
    later = _later(session, made, [change.contact_id for change in changes])
    contacts = with_keys(session, [change.contact_id for change in changes])
    for change in changes:
        after = later.get(change.contact_id)
        if after is not None:
            after.before = change.before
        else:
            _restore(contacts[change.contact_id], json.loads(change.before), made)
        session.delete(change)
    session.flush()
    return len(changes)


def _delete_new(session, made):
    """Delete some of who was new; who is on a later list too is its own."""
    mine = select(Contact.id).where(Contact.contact_import_id == made.id)
    ids = session.scalars(mine.order_by(Contact.id).limit(BATCH)).all()
    later = _later(session, made, ids)
    contacts = with_keys(session, later)
    for contact_id, change in later.items():
        contacts[contact_id].contact_import_id = change.contact_import_id
        session.delete(change)
    gone = [contact_id for contact_id in ids if contact_id not in later]
    came_with_it = Contact.id.in_(gone), Contact.opted_out_at == made.made_at
    session.execute(update(Contact).where(*came_with_it).values(opted_out_at=None))
    forget(session, gone)
    session.flush()
    return len(ids)


def _delete_listed(session, made):
    mine = select(Suppression.id).where(Suppression.contact_import_id == made.id)
    ids = session.scalars(mine.limit(BATCH)).all()
    session.execute(
        delete(Suppression).where(Suppression.id.in_(ids)),
        execution_options={"synchronize_session": False},
    )
    return len(ids)


def _later(session, made, contact_ids):
    """Contact -> the first change by a later import."""
    rows = session.scalars(
        select(ContactChange)
        .where(ContactChange.contact_id.in_(contact_ids))
        .where(ContactChange.contact_import_id > made.id)
        .order_by(ContactChange.contact_import_id.desc())
    )
    return {change.contact_id: change for change in rows}


def with_keys(session, ids):
    """Number -> contact, its keys loaded."""
    held = select(Contact).where(Contact.id.in_(ids))
    rows = session.scalars(held.options(selectinload(Contact.keys)))
    return {contact.id: contact for contact in rows}


def _as_text(contact):
    row = {name: getattr(contact, name) for name in COPIED}
    row |= {name: row[name] and row[name].isoformat() for name in TIMES}
    row["keys"] = [[k.digest, k.kind, k.is_about] for k in contact.keys]
    return json.dumps(row)


def _restore(contact, row, made):
    keys = {(digest, is_about): kind for digest, kind, is_about in row.pop("keys")}
    contact.keys = [k for k in contact.keys if (k.digest, k.is_about) in keys]
    held = {(key.digest, key.is_about) for key in contact.keys}
    for (digest, is_about), kind in keys.items():
        if (digest, is_about) not in held:
            key = ContactKey(digest=digest, kind=kind, is_about=is_about)
            contact.keys.append(key)
    row |= {name: row[name] and datetime.fromisoformat(row[name]) for name in TIMES}
    # A no that did not come in with this list stays.
    if contact.opted_out_at != made.made_at:
        row["opted_out_at"] = contact.opted_out_at
    for name, value in row.items():
        setattr(contact, name, value)
