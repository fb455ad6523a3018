"""An import taken back: who was new goes, and who was known is as they were before.

What stood before an import is kept, encrypted, for as long as it may be taken back.
"""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import selectinload

from ..assessments.retention import forget
from ..database import take_turns
from ..models import Contact, ContactChange, ContactKey, Suppression
from ..plurals import counted
from .list_reader import WISHES
from .services import locked

BATCH = 200
KEEP_BEFORE = timedelta(days=30)
COPIED = [
    *("name", "postal_address", "email", "telephone", "language", "preferences"),
    *("team_id", "perspective", "retain_until", "opted_out_at"),
]
ARE_AS_BEFORE = (
    "Those who were known before have the details again that they had, but for what a "
    "later list says."
)
TOO_OLD = (
    "Those who were known before keep what it says: "
    f"it is more than {KEEP_BEFORE.days} days old."
)
TIMES = ("retain_until", "opted_out_at")
# What stands of somebody of whom no list has told anything.
OF_NOBODY: dict[str, Any] = dict.fromkeys(COPIED)
OF_NOBODY |= {"language": "en", "preferences": {}, "perspective": "service_user"}
# What lists tell, each by itself, and what every list tells.
NAMES = frozenset({*COPIED, *WISHES, "keys"} - {"preferences"})
EVERY_LIST = ("name", "retain_until", "keys")


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
    """Keep what stands of these contacts, once for each import, before it changes.

    Contact -> what is kept; of who came in with this import nothing has to be.
    """
    kept = select(ContactChange).where(
        ContactChange.contact_import_id == made.id,
        ContactChange.contact_id.in_([contact.id for contact in contacts]),
    )
    changes = session.scalars(kept) if contacts else ()
    held = {change.contact_id: change for change in changes}
    for contact in contacts:
        if contact.id not in held and contact.contact_import_id != made.id:
            of = {"contact_import_id": made.id, "contact_id": contact.id}
            change = ContactChange(**of, before=_as_text(contact), made_at=now)
            session.add(change)
            held[contact.id] = change
    return held


def note_told(change, names):
    """Note what a row told, which an earlier list that is taken back leaves alone."""
    row = json.loads(change.before)
    change.before = json.dumps(row | {"told": sorted({*row["told"], *names})})


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

    What a later import told of the same contact stays. The rest is as before, also in
    what is kept of how it was before that import.
    """
    mine = select(ContactChange).where(ContactChange.contact_import_id == made.id)
    changes = session.scalars(mine.limit(BATCH)).all()
    later = _later(session, made, [change.contact_id for change in changes])
    contacts = with_keys(session, [change.contact_id for change in changes])
    for change in changes:
        row, after = _read(change), later[change.contact_id]
        _restore(contacts[change.contact_id], row, _carried(row, after, made), made)
        session.delete(change)
    session.flush()
    return len(changes)


def _delete_new(session, made):
    """Delete some of who was new; who is on a later list too is as that one tells."""
    mine = select(Contact.id).where(Contact.contact_import_id == made.id)
    ids = session.scalars(mine.order_by(Contact.id).limit(BATCH)).all()
    later = _later(session, made, ids)
    contacts = with_keys(session, later)
    for contact_id, (first, *others) in later.items():
        contacts[contact_id].contact_import_id = first.contact_import_id
        row = _flat(OF_NOBODY)
        left = _carried(row, others, made, NAMES - _told(first))
        _restore(contacts[contact_id], row, left, made)
        session.delete(first)
    gone = [contact_id for contact_id in ids if contact_id not in later]
    came_with_it = Contact.id.in_(gone), Contact.opted_out_at == made.made_at
    session.execute(update(Contact).where(*came_with_it).values(opted_out_at=None))
    forget(session, gone)
    session.flush()
    return len(ids)


def _carried(row, later, made, names=NAMES):
    """Put what stood into what later imports keep, until one of them tells it.

    The names that none of them told are left.
    """
    for change in later:
        kept = _read(change)
        is_own_no = kept["opted_out_at"] != made.made_at
        back = names - {"opted_out_at"} if is_own_no else names
        change.before = _written(kept | {name: row[name] for name in back})
        names = names - _told(change)
    return names


def _delete_listed(session, made):
    mine = select(Suppression.id).where(Suppression.contact_import_id == made.id)
    ids = session.scalars(mine.limit(BATCH)).all()
    session.execute(
        delete(Suppression).where(Suppression.id.in_(ids)),
        execution_options={"synchronize_session": False},
    )
    return len(ids)


def _later(session, made, contact_ids):
    """Contact -> its changes by later imports, in their order."""
    rows = session.scalars(
        select(ContactChange)
        .where(ContactChange.contact_id.in_(contact_ids))
        .where(ContactChange.contact_import_id > made.id)
        .order_by(ContactChange.contact_import_id)
    )
    found = defaultdict(list)
    for change in rows:
        found[change.contact_id].append(change)
    return found


def with_keys(session, ids):
    """Number -> contact, its keys loaded."""
    held = select(Contact).where(Contact.id.in_(ids))
    rows = session.scalars(held.options(selectinload(Contact.keys)))
    return {contact.id: contact for contact in rows}


def _as_text(contact):
    row = {name: getattr(contact, name) for name in COPIED}
    row["keys"] = [[k.digest, k.kind, k.is_about] for k in contact.keys]
    return _written(_flat(row) | {"told": []})


def _flat(row):
    """A row with each wish by itself, since lists tell each by itself."""
    return {**row, **dict.fromkeys(WISHES), **row["preferences"]}


def _written(row):
    row = dict(row)
    row["preferences"] = {name: wish for name in WISHES if (wish := row.pop(name))}
    row |= {name: row[name] and row[name].isoformat() for name in TIMES}
    return json.dumps(row)


def _read(change):
    row = _flat(json.loads(change.before))
    row |= {name: row[name] and datetime.fromisoformat(row[name]) for name in TIMES}
    return row


def _told(change):
    """What an import told of a contact; all, where it was not noted what."""
    return {*json.loads(change.before).get("told", NAMES), *EVERY_LIST}


def _restore(contact, row, names, made):
    """Let a contact have these names of a row again.

    A no that did not come in with this list stays.
    """
    if "keys" in names:
        _restore_keys(contact, row["keys"])
    wishes = {name: row[name] for name in WISHES if name in names}
    wishes = {**contact.preferences, **wishes}
    contact.preferences = {name: wish for name, wish in wishes.items() if wish}
    is_own_no = contact.opted_out_at != made.made_at
    for name in names.intersection(COPIED):
        if not (name == "opted_out_at" and is_own_no):
            setattr(contact, name, row[name])


def _restore_keys(contact, kept):
    keys = {(digest, is_about): kind for digest, kind, is_about in kept}
    contact.keys = [k for k in contact.keys if (k.digest, k.is_about) in keys]
    held = {(key.digest, key.is_about) for key in contact.keys}
    for (digest, is_about), kind in keys.items():
        if (digest, is_about) not in held:
            key = ContactKey(digest=digest, kind=kind, is_about=is_about)
            contact.keys.append(key)
