"""The coordinator's pages for lists of people: contacts, and who is not written to."""

import json
from datetime import date

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_security import current_user
from sqlalchemy import select

from .. import import_state, second_look
from ..assessments import suppression
from ..auth.access import admit, within_reach
from ..calendar import LONDON
from ..csv_cells import csv_text, neutral
from ..database import utc_now
from ..downloads import spreadsheet
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..file_limits import CONTACTS, SECONDS, FileRefused
from ..models import ContactImport, Trust
from ..models.contact_import import KINDS
from ..sent_once import makes_once
from ..uploads import sent, takes
from . import columns as columns_
from . import services, undo

bp = Blueprint("contacts", __name__, url_prefix="/contacts")
bp.before_request(admit())
SHOWN = 100
KIND_WORDS = {
    "contacts": "People who may be asked",
    "deceased": "People who have died",
    "do_not_contact": "People who are not to be contacted",
    "data_opt_out": "National Data Opt-out",
}


def trust_of(trust_id):
    if trust_id not in g.trust_ids:
        raise NotFound()
    return db.session.get(Trust, trust_id)


@bp.get("/")
def home():
    """On to the contacts of the one trust, or a choice among several."""
    if len(g.trust_ids) == 1:
        return redirect(url_for(".index", trust_id=min(g.trust_ids)), 303)
    trusts = select(Trust).where(Trust.id.in_(g.trust_ids)).order_by(Trust.name)
    found = db.session.scalars(trusts).all()
    return render_template("contacts/home.html", trusts=found)


@bp.get("/trust/<int:trust_id>")
def index(trust_id, problems=None):
    """How many people there are, who is not written to, and a form for a file."""
    trust, today = trust_of(trust_id), utc_now().astimezone(LONDON).date()
    return render_template(
        "contacts/index.html",
        trust=trust,
        drafts=services.drafts_of(db.session, trust_id),
        counts=services.counts(db.session, trust_id),
        suppressed=suppression.counts(db.session, trust_id, today),
        reasons=suppression.REASONS,
        lists=suppression.newest_lists(db.session, trust_id),
        imports=services.imports_of(db.session, trust_id),
        kinds=KIND_WORDS,
        stages=import_state.STAGES,
        limit=CONTACTS,
        seconds=SECONDS,
        problems=problems or {},
        typed=request.form or request.args,
    )


@bp.post("/trust/<int:trust_id>")
@takes(file=CONTACTS)
@makes_once
def receive(trust_id):
    """Take a file and have it looked at; nobody is written down before a word."""
    trust_of(trust_id)
    kind = request.form.get("kind", "contacts")
    if kind not in KINDS:
        raise NotFound()
    try:
        file = sent("file")
        if file is None:
            return index(trust_id, {"file": "Choose a file"}), 422
        made = services.receive(
            db.session, trust_id, file, kind=kind, **_who(), actor=actor()
        )
    except FileRefused as problem:
        says = f"The file cannot be used: {problem}"
        return index(trust_id, {"file": says}), 422
    return _to(made)


@bp.get("/trust/<int:trust_id>/template.csv")
def template(trust_id):
    """An empty file with every column."""
    trust_of(trust_id)
    return spreadsheet(columns_.template("contacts"), "contacts.csv")


@bp.get("/<int:contact_import_id>")
def show(contact_import_id, problems=None):
    """What is in a file, or how far it is, or what became of it."""
    made = within_reach(db.session, ContactImport, contact_import_id)
    return render_template(
        "contacts/show.html",
        made=made,
        trust=made.trust,
        drafts=services.drafts_of(db.session, made.trust_id),
        state=import_state.of(made, now=utc_now()),
        found=json.loads(made.findings) if made.findings else None,
        shown=SHOWN,
        fields=columns_.fields_of(made.kind),
        kinds=KIND_WORDS,
        wanted=_wanted(made.trust_id) if made.stage == "done" else (),
        was_written_to=services.was_written_to(db.session, made),
        problems=problems or {},
        typed=request.form,
    )


def _wanted(trust_id):
    """Kinds of lists that no campaign opens without, and that are old or not there."""
    today = utc_now().astimezone(LONDON).date()
    lists = suppression.newest_lists(db.session, trust_id)
    return suppression.not_fresh(lists, today, heeds_opt_out=False)


@bp.get("/<int:contact_import_id>/problems.csv")
def all_problems(contact_import_id):
    """The problems of a file, and who looks like somebody else: row, column, what."""
    made = within_reach(db.session, ContactImport, contact_import_id)
    if not made.findings:
        raise NotFound()
    found = json.loads(made.findings)
    rows = [
        [row, neutral(column), neutral(says)] for row, column, says in found["problems"]
    ]
    for row, other, why in [*found["same"], *found["alike"]]:
        rows.append([row, "", neutral(f"{why} as {other}")])
    return spreadsheet(csv_text([["row", "column", "problem"], *rows]), "problems.csv")


@bp.post("/<int:contact_import_id>/columns")
def columns(contact_import_id):
    """Read the file with other columns."""
    made = within_reach(db.session, ContactImport, contact_import_id)
    names = columns_.fields_of(made.kind)
    chosen = {name: request.form.get(name, "") for name in names}
    try:
        services.choose_columns(db.session, contact_import_id, chosen, **_who())
    except InvalidAnswers as problem:
        return show(contact_import_id, problem.problems), 422
    return _to(made)


@bp.post("/<int:contact_import_id>/confirm")
def confirm(contact_import_id):
    """Have the rows written; the page says how far it is."""
    made = within_reach(db.session, ContactImport, contact_import_id)
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        day = None
    options = {
        n: n in request.form for n in ("good_rows_only", "named_too", "alike_too")
    }
    try:
        services.confirm(
            db.session,
            contact_import_id,
            day=day,
            options=options,
            actor=actor(),
            **_who(),
        )
    except InvalidAnswers as problem:
        return show(contact_import_id, problem.problems), 422
    return _to(made)


@bp.post("/<int:contact_import_id>/carry-on")
def carry_on(contact_import_id):
    """Have an import go on that was stopped half-way."""
    within_reach(db.session, ContactImport, contact_import_id)
    return _to(services.ask_again(db.session, contact_import_id, **_who()))


@bp.get("/<int:contact_import_id>/cancel")
def confirm_cancel(contact_import_id):
    """Say what goes before a list is given up or taken back."""
    made = within_reach(db.session, ContactImport, contact_import_id)
    here = {"contact_import_id": made.id}
    if made.is_ended:
        raise NotFound()
    if services.was_written_to(db.session, made):
        return _to(made)  # which says why
    words = undo.words_of(made, now=utc_now())
    return second_look.ask(
        *words,
        there=url_for(".cancel", **here),
        back=(url_for(".show", **here), f"List {made.id}"),
        caption=KIND_WORDS[made.kind],
        trust=made.trust,
    )


@bp.post("/<int:contact_import_id>/cancel")
def cancel(contact_import_id):
    """Give up an import, or delete what it brought in."""
    made = within_reach(db.session, ContactImport, contact_import_id)
    try:
        services.cancel(db.session, contact_import_id, actor=actor(), **_who())
    except InvalidAnswers:
        pass  # the list's page says why, instead of the button
    return _to(made)


def _to(made):
    return redirect(url_for(".show", contact_import_id=made.id), 303)


def actor():
    return f"staff:{current_user.id}"


def _who():
    return {"by": current_user.id, "now": utc_now()}
