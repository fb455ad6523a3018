"""Lists of people brought in from a file: looked at first, written when confirmed.

Each function takes one short step, and a job, `list_work`, does the long rest.
"""

import json
from datetime import timedelta

from sqlalchemy import func, select

from .. import audit, file_pieces
from ..calendar import LONDON
from ..database import let_go
from ..errors import InvalidAnswers, NotFound
from ..jobs import lifecycle
from ..models import (
    Campaign,
    Contact,
    ContactImport,
    ContactImportPiece,
    Invitation,
    Job,
    Message,
    Team,
)
from ..models.contact_import import UNCONFIRMED
from ..models.message import GONE
from . import columns as columns_
from . import list_files

JOB = "contact_import"
KEEP_UNWRITTEN = timedelta(days=7)
LONGEST = timedelta(days=3 * 366)
WRITTEN_TO = "Messages went to people of this list: it cannot be taken back"
NOT_WELL = "Some rows are not well: mend the file, or choose to bring in the others"


def receive(session, trust_id, file, *, kind, actor, by, now):
    """Keep a binary file to be looked at; FileRefused where it is no table. Commits.

    Which column says what is as in the trust's file before, or guessed by name.
    """
    before = session.scalar(
        select(ContactImport.columns)
        .where(
            ContactImport.trust_id == trust_id,
            ContactImport.kind == kind,
            ContactImport.stage == "done",
        )
        .order_by(ContactImport.id.desc())
        .limit(1)
    )
    let_go(session)
    form = list_files.form_of(file)
    header = list_files.header_of(file, form)
    made = ContactImport(trust_id=trust_id, kind=kind, made_by_id=by, made_at=now)
    made.options = {"form": form, "header": json.dumps(header)}
    made.columns = columns_.guessed(header, kind, before)
    session.add(made)
    session.commit()
    texts = list_files.texts_of(file, form)
    file_pieces.keep(session, made.id, texts, ContactImportPiece)
    made = locked(session, made.id)
    made.stage = "mapping"
    if columns_.problem_of(made.columns, kind) is None:
        made.stage = "checking"
        _ask(made, by, now)
    audit.record(session, actor=actor, action="contacts.received", subject=made)
    session.commit()
    return made


def choose_columns(session, import_id, columns, *, by, now):
    """Read a file with these columns; InvalidAnswers where nobody is known. Commits."""
    made = locked(session, import_id)
    names, header = columns_.fields_of(made.kind), made.header
    columns = {n: c for n, c in columns.items() if n in names and c in header}
    says = columns_.problem_of(columns, made.kind)
    if says:
        session.rollback()
        raise InvalidAnswers({"columns": says})
    if made.stage in ("mapping", "checked"):
        made.columns, made.stage, made.findings = columns, "checking", None
        _ask(made, by, now)
    session.commit()
    return made


def confirm(session, import_id, *, day, options, actor, by, now):
    """Have the rows written; `day` is that of a list, or of deletion. Commits.

    `options` has `good_rows_only`; `named_too`, that who has the name of somebody on
    the list and their birthday or postcode is that person; and `alike_too`, that others
    who look alike are somebody else. InvalidAnswers says what is amiss.
    """
    made = locked(session, import_id)
    if made.stage != "checked":
        session.commit()
        return made
    problems, today = {}, now.astimezone(LONDON).date()
    if made.is_list and not (day and day <= today):
        problems["day"] = "Enter the day of the list, today or before"
    if not made.is_list and not (day and today < day <= today + LONGEST):
        problems["day"] = "Enter a day within three years from now"
    if made.n_good < made.n_rows and not options["good_rows_only"]:
        problems["good_rows_only"] = NOT_WELL
    if made.n_rows and not made.n_good:
        problems["good_rows_only"] = "No row is well"
    if problems:
        session.rollback()
        raise InvalidAnswers(problems)
    made.stage, made.options = "writing", made.options | options
    made.as_of, made.retain_until = (day, None) if made.is_list else (None, day)
    audit.record(
        session, actor=actor, action="contacts.confirmed", subject=made, n=made.n_good
    )
    _ask(made, by, now)
    session.commit()
    return made


def cancel(session, import_id, *, actor, by, now):
    """Give up an import, or take out again what a finished one brought in. Commits.

    Raises InvalidAnswers once somebody who came in with it was written to: deleted and
    brought in anew they would be strangers, and be written to from the start.
    """
    made = locked(session, import_id)
    if was_written_to(session, made):
        session.rollback()
        raise InvalidAnswers({"list": WRITTEN_TO})
    if made.stage in (*UNCONFIRMED, "writing", "done"):
        if made.job_id is not None:
            lifecycle.cancel(session, made.job_id, now=now)
        made.stage = "undoing" if made.stage == "done" else "cancelling"
        made.findings = None
        audit.record(
            session, actor=actor, action="contacts.undone", subject=made, n=made.n_good
        )
        _ask(made, by, now)
    session.commit()
    return made


def was_written_to(session, made):
    """Whether a message may have reached somebody who came in with this list."""
    reached = (
        select(Message.id)
        .join(Invitation, Invitation.id == Message.invitation_id)
        .join(Contact, Contact.id == Invitation.contact_id)
        .where(Contact.contact_import_id == made.id, Message.status.in_(GONE))
        .limit(1)
    )
    return session.scalar(reached) is not None


def give_up_unconfirmed(session, *, now):
    """Give up lists that nobody confirmed for a week; their files go. Commits each."""
    old = select(ContactImport.id).where(
        ContactImport.stage.in_(UNCONFIRMED),
        ContactImport.made_at < now - KEEP_UNWRITTEN,
    )
    for number in session.scalars(old).all():
        cancel(session, number, actor="system", by=None, now=now)


def ask_again(session, import_id, *, by, now):
    """Let a job go on with an import that was stopped half-way. Commits."""
    made = locked(session, import_id)
    if made.is_at_work and not (made.job and made.job.is_open):
        _ask(made, by, now)
    session.commit()
    return made


def locked(session, import_id):
    """The import, while others who want to go on with it wait; NotFound without it."""
    made = ContactImport.locked(session, import_id)
    if made is None:
        raise NotFound()
    return made


def counts(session, trust_id):
    """(team or None, perspective, people, with address, e-mail, telephone)."""
    ways = (Contact.postal_address, Contact.email, Contact.telephone)
    return session.execute(
        select(
            Team.name,
            Contact.perspective,
            func.count(Contact.id),
            *(func.count(way) for way in ways),
        )
        .join(Team, Team.id == Contact.team_id, isouter=True)
        .where(Contact.trust_id == trust_id)
        .group_by(Team.name, Contact.perspective)
        .order_by(Team.name, Contact.perspective)
    ).all()


def drafts_of(session, trust_id):
    """The trust's campaigns that write to contacts and wait to be opened."""
    query = select(Campaign).where(
        Campaign.trust_id == trust_id, Campaign.is_draft, Campaign.asks_contacts
    )
    return session.scalars(query.order_by(Campaign.id.desc())).all()


def imports_of(session, trust_id):
    """The trust's imports, newest first."""
    query = select(ContactImport).where(ContactImport.trust_id == trust_id)
    return session.scalars(query.order_by(ContactImport.id.desc())).all()


def _ask(made, by, now):
    made.job = Job(name=JOB, trust_id=made.trust_id, asked_by_id=by, run_after=now)
    made.job.arguments = {"import": made.id}
