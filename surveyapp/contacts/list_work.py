"""The long parts of a list of people: looking at every row, writing, deleting.

Each goes a batch at a time, and on from where it was stopped.
"""

import json
from datetime import datetime, time

from sqlalchemy import insert, select

from .. import audit, file_pieces
from ..assessments import contact_erasure, opt_out
from ..calendar import LONDON
from ..database import let_go, take_turns, utc_now
from ..errors import WorkRefused
from ..file_limits import FileRefused
from ..many_values import insert_rows
from ..models import (
    Contact,
    ContactImport,
    ContactImportPiece,
    ContactKey,
    Suppression,
    Team,
    Trust,
)
from .blind_indexes import LOOKS
from .duplicates import Matches
from .list_reader import Reader
from .services import locked
from .undo import OF_NOBODY, clear, note_told, remember, with_keys

BATCH = 200  # people who are written in one transaction
MOST = 2_000  # problems, and likenesses, that are kept


def perform(session, job, at_step):
    """Go on with the import of a job until it rests; WorkRefused for a bad file."""
    number = job.arguments["import"]
    actor = f"staff:{job.asked_by_id}" if job.asked_by_id else "system"
    while (part := PARTS.get(_stage(session, number))) is not None:
        try:
            part(session, number, actor, at_step)
        except FileRefused as problem:
            _to(session, number, "cancelled")
            _drop(session, number)
            raise WorkRefused(f"The file cannot be used: {problem}.") from problem
    if _stage(session, number) in ("done", "cancelled", "undone"):
        _drop(session, number)


def check(session, number, actor, at_step):
    """Look at every row; nothing is kept of them but what was found."""
    made, reader = _opened(session, number, at_step)
    found = {"n_same": 0, "n_alike": 0, "problems": [], "same": [], "alike": []}
    found["n_erased"] = found["n_named"] = 0
    n_rows = n_good = 0
    seen = Matches()
    for some in reader.in_batches():
        n_rows += len(some)
        people = [person for person, _ in some if person is not None]
        n_good += len(people)
        for _, problems in some:
            room = MOST - len(found["problems"])
            found["problems"] += [[p.row, p.column, p.says] for p in problems[:room]]
        if made.is_list:
            continue
        held = Matches(session, people)
        stay = _not_erased(session, made, people)
        let_go(session)
        found["n_erased"] += len(people) - len(stay)
        for person in stay:
            _compare(person, held, seen, found)
    if not n_rows and not made.is_list:  # on a list may be nobody
        raise FileRefused("there is no row below the header")
    made = locked(session, number)
    if made.stage == "checking":
        made.stage, made.findings = "checked", json.dumps(found)
        made.n_rows, made.n_good = n_rows, n_good
        bad = n_rows - n_good
        audit.record(
            session,
            actor=actor,
            action="contacts.checked",
            subject=made,
            n=n_rows,
            bad=bad,
        )
    session.commit()


def _compare(person, held, seen, found):
    """Note whom a person is, or looks like, on the list or earlier in the file."""
    for matches, where in ((seen, "row {}"), (held, "somebody on the list already")):
        match = matches.of(person)
        if match is None:
            continue
        name = "same" if match.is_same else "alike"
        found[f"n_{name}"] += 1
        found["n_named"] += match.has_name
        if len(found[name]) < MOST:
            why = LOOKS.get(match.kind, "the same person")
            found[name].append([person.line, where.format(match.owner), why])
        break
    seen.add(person, person.line)


def write(session, number, actor, at_step):
    """Write what is not written yet."""
    made, reader = _opened(session, number, at_step)
    for some in reader.in_batches(BATCH):
        people = [p for p, _ in some if p is not None and p.line > made.line_written]
        if not people:
            continue
        made = locked(session, number)
        if made.stage != "writing":
            session.commit()
            return
        session.get(Trust, made.trust_id, with_for_update=True)
        keep = _list if made.is_list else _contacts
        made.n_written += keep(session, made, people)
        made.line_written = people[-1].line
        session.commit()
        session.expunge_all()
        made = session.get(ContactImport, number)
        let_go(session)
        take_turns(session)
    made = locked(session, number)
    if made.stage == "writing":
        made.stage, made.findings, made.finished_at = "done", None, utc_now()
        audit.record(
            session,
            actor=actor,
            action="contacts.finished",
            subject=made,
            n=made.n_written,
        )
    session.commit()


def _list(session, made, people):
    of = {"trust_id": made.trust_id, "contact_import_id": made.id}
    of |= {"kind": made.kind, "as_of": made.as_of}
    rows = [of | {"digest": digest} for p in people for digest in p.keys.values()]
    session.execute(insert(Suppression), rows)
    return len(people)


def _contacts(session, made, people):
    """Add who is new, and bring up to date who is known; how many.

    The last row of a person counts.
    """
    people = _not_erased(session, made, people)
    noes = opt_out.remembered(session, made.trust_id, _digests(people))
    matches = Matches(session, people)
    named_too = bool(made.options.get("named_too"))
    known = with_keys(session, matches.same_as(people, named_too))
    before = remember(session, made, known.values(), now=utc_now())
    new, n = {}, 0
    for person in people:
        match = matches.of(person)
        if match is None or not match.is_taken(named_too):
            if match is not None and not made.options.get("alike_too"):
                continue
            owner = f"line {person.line}"
        else:
            owner = match.owner
        if owner in known:
            _bring_up_to_date(known[owner], made, person)
            if owner in before:
                note_told(before[owner], _told(person))
        else:
            earlier = new.get(owner, ({}, {}))
            new[owner] = _row(made, person, *earlier, noes=noes)
        matches.add(person, owner)
        n += 1
    _insert(session, made, [*new.values()])
    session.flush()
    return n


def _not_erased(session, made, people):
    """Those who were not erased in this trust at their own wish."""
    erased = contact_erasure.left_out(session, made.trust_id, _digests(people))
    return [p for p in people if erased.isdisjoint(p.keys.values())]


def _digests(people):
    return {digest for person in people for digest in person.keys.values()}


def _bring_up_to_date(contact, made, person):
    held = {name: getattr(contact, name) for name in OF_NOBODY}
    row, keys = _row(made, person, held, {})
    for name, value in row.items():
        setattr(contact, name, value)
    held = {(key.digest, key.is_about) for key in contact.keys}
    for (digest, is_about), kind in keys.items():
        if (digest, is_about) not in held:
            key = ContactKey(digest=digest, kind=kind, is_about=is_about)
            contact.keys.append(key)


def _told(person):
    """Names of what a row says; that somebody may be contacted says nothing."""
    said_no = ["opted_out_at"] if person.kept["do_not_contact"] else []
    told = [n for n, value in person.kept.items() if value is not None]
    return {*told, *person.kept["preferences"], *said_no} - {
        "do_not_contact",
        "preferences",
    }


def _row(made, person, earlier, keys, *, noes=frozenset()):
    """The columns of a contact and its keys, over what was held or an earlier row said.

    What this row says nothing of stays: a list may lack a column or have empty cells.
    `noes` are keyed hashes of who said no before their details were deleted.
    """
    said = {name: value for name, value in person.kept.items() if value is not None}
    said_no = said.pop("do_not_contact")  # a no is not taken back by a file
    said_no = said_no or not noes.isdisjoint(person.keys.values())
    row = OF_NOBODY | earlier | said
    row["opted_out_at"] = row["opted_out_at"] or (made.made_at if said_no else None)
    wishes = (earlier.get("preferences") or {}) | said["preferences"]
    row["preferences"] = {wish: says for wish, says in wishes.items() if says}
    row["retain_until"] = datetime.combine(made.retain_until, time(), LONDON)
    own = {(digest, False): kind for kind, digest in person.keys.items()}
    about = {(digest, True): kind for kind, digest in person.about.items()}
    return row, keys | own | about


def _insert(session, made, new):
    """Add contacts with their keys in two statements, by their tables alone.

    Nobody looks at them in this session, so nothing is made of a row but the row.
    """
    if not new:
        return
    of = {"trust_id": made.trust_id, "contact_import_id": made.id}
    rows = [row | of for row, _ in new]
    table = Contact.__table__
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    ids = session.scalars(statement, rows).all()
    keys = [
        {"contact_id": n, "digest": digest, "is_about": is_about, "kind": kind}
        for n, (_, keys) in zip(ids, new)
        for (digest, is_about), kind in keys.items()
    ]
    if keys:
        insert_rows(session, ContactKey.__table__, keys)


def _opened(session, number, at_step):
    made = session.get(ContactImport, number, populate_existing=True)
    teams = session.execute(
        select(Team.id, Team.name, Team.code).where(Team.trust_id == made.trust_id)
    ).all()
    let_go(session)
    by_name = {str(id_): id_ for id_, _, _ in teams}
    by_name |= {code.casefold(): id_ for id_, _, code in teams if code}
    by_name |= {name.casefold(): id_ for id_, name, _ in teams}

    def tell(done, total):
        at_step("reading the rows", done, total)

    texts = file_pieces.pieces_of(session, number, tell, ContactImportPiece)
    reader = Reader(
        texts,
        made.options["form"],
        columns=made.columns,
        kind=made.kind,
        trust_id=made.trust_id,
        teams=by_name,
        today=made.made_at.astimezone(LONDON).date(),
    )
    return made, reader


def _stage(session, number):
    made = session.get(ContactImport, number, populate_existing=True)
    let_go(session)
    return made.stage


def _to(session, number, stage):
    made = locked(session, number)
    made.stage, made.findings = stage, None
    session.commit()


def _drop(session, number):
    file_pieces.drop(session, number, ContactImportPiece)


PARTS = {"checking": check, "writing": write, "undoing": clear, "cancelling": clear}
