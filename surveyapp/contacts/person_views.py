"""The coordinator's pages for one person of a list: found, told, silenced, erased."""

import io
import json
import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie

from .. import second_look
from ..assessments import contact_erasure
from ..auth.access import admit, within_reach
from ..calendar import local_time
from ..database import utc_now, writes
from ..downloads import file_of
from ..errors import InvalidAnswers
from ..extensions import db
from ..models import Contact
from . import one_person
from .views import actor, trust_of

bp = Blueprint("person", __name__, url_prefix="/contacts")
bp.before_request(admit())
LOOKED_FOR = "looked_for"  # numbers and keyed hashes alone, in the cookie of who looks
LOOK_AGAIN = "Nobody was let back: you looked for somebody else since. Look again"
FIELDS = ("nhs", "name", "born", "postcode", "telephone", "email")


@bp.get("/trust/<int:trust_id>/person")
def find(trust_id, problems=None):
    """A form for who somebody is, and whom it found."""
    trust = trust_of(trust_id)
    looked = cookie.get(LOOKED_FOR) or {}
    looked = looked if looked.get("trust") == trust_id and not problems else {}
    found = [db.session.get(Contact, number) for number in looked.get("found", ())]
    erased = contact_erasure.left_out(db.session, trust_id, looked.get("digests", ()))
    return render_template(
        "contacts/find_person.html",
        trust=trust,
        looked=looked,
        found=[c for c in found if c is not None and c.trust_id == trust_id],
        n_erased=len(erased),
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/trust/<int:trust_id>/person")
def look(trust_id):
    """Look for somebody; what was typed is in no address and is not kept."""
    trust_of(trust_id)
    typed = {name: request.form.get(name, "") for name in FIELDS}
    try:
        digests = one_person.digests_of(trust_id, typed, utc_now())
    except InvalidAnswers as problem:
        return find(trust_id, problem.problems), 422
    found = one_person.find(db.session, trust_id, digests, actor=actor())
    cookie[LOOKED_FOR] = {
        "trust": trust_id,
        "found": [contact.id for contact in found],
        "digests": [*digests.values()],
        "look": secrets.token_urlsafe(6),
    }
    return redirect(url_for(".find", trust_id=trust_id), 303)


@bp.post("/trust/<int:trust_id>/person/let-back")
def let_back(trust_id):
    """Let lists bring somebody in again who was erased: whom the pressed page shows."""
    trust_of(trust_id)
    looked = cookie.pop(LOOKED_FOR, None) or {}
    if (looked.get("trust"), looked.get("look")) != (
        trust_id,
        request.form.get("look"),
    ):
        flash(LOOK_AGAIN)
        return redirect(url_for(".find", trust_id=trust_id), 303)
    digests = looked["digests"]
    if contact_erasure.let_back(db.session, trust_id, digests, actor=actor()):
        flash("Later lists can bring this person in again.")
    return redirect(url_for(".find", trust_id=trust_id), 303)


@bp.get("/person/<int:contact_id>")
@writes
def show(contact_id):
    """All that is held of one person; that it was looked at is noted."""
    contact = within_reach(db.session, Contact, contact_id)
    one_person.note_seen(db.session, contact, actor=actor())
    return render_template(
        "contacts/person.html",
        contact=contact,
        trust=contact.trust,
        held=one_person.held_of(db.session, contact, now=utc_now()),
        notes=one_person.notes_for(db.session, contact),
    )


@bp.get("/person/<int:contact_id>/held.<any(html,json):ending>")
@writes
def get(contact_id, ending):
    """The same as a file to hand over: a page to read, or JSON."""
    contact = within_reach(db.session, Contact, contact_id)
    told = one_person.get(db.session, contact, actor=actor(), now=utc_now())
    if ending == "json":
        text, kind = json.dumps(told, indent=2, ensure_ascii=False), "application/json"
    else:
        text, kind = render_template("contacts/held.html", told=told), "text/html"
    return file_of(io.BytesIO(text.encode()), kind, f"held-{contact_id}.{ending}")


@bp.get("/person/<int:contact_id>/no-more")
def confirm_no(contact_id):
    """Say what a no does before it is written down."""
    contact = within_reach(db.session, Contact, contact_id)
    return second_look.ask(
        "No more messages?",
        [
            "Nothing more is sent to them, of this campaign or of any other.",
            "Only they themselves can ask for messages again: no list undoes it.",
            "What they answered stays.",
        ],
        "They asked for no more messages",
        there=url_for(".say_no", contact_id=contact_id),
        back=(url_for(".show", contact_id=contact_id), "What is held"),
        caption=contact.name,
        trust=contact.trust,
    )


@bp.post("/person/<int:contact_id>/no-more")
def say_no(contact_id):
    """Note that somebody asked for no more messages, as by telephone."""
    contact = within_reach(db.session, Contact, contact_id)
    one_person.say_no(db.session, contact, actor=actor(), now=utc_now())
    return redirect(url_for(".show", contact_id=contact_id), 303)


@bp.get("/person/<int:contact_id>/erase")
def confirm_erase(contact_id, problems=None):
    """Say what goes and what stays before it does."""
    contact = within_reach(db.session, Contact, contact_id)
    return render_template(
        "contacts/erase_person.html",
        contact=contact,
        trust=contact.trust,
        letters=one_person.letters_to_take_out(db.session, contact),
        reasons={n: w for n, w in contact_erasure.REASONS.items() if n != "restored"},
        problems=problems or {},
    )


@bp.post("/person/<int:contact_id>/erase")
def erase(contact_id):
    """Delete what is held of one person."""
    contact = within_reach(db.session, Contact, contact_id)
    why, now, trust_id = request.form.get("why"), utc_now(), contact.trust_id
    if why not in contact_erasure.REASONS or why == "restored":
        return confirm_erase(contact_id, {"why": "Choose why"}), 422
    contact_erasure.erase(db.session, contact, why=why, actor=actor(), now=now)
    cookie.pop(LOOKED_FOR, None)
    flash(f"What was held of this person was deleted, {local_time(now)}.")
    return redirect(url_for(".find", trust_id=trust_id), 303)
