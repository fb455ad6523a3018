"""Who did what: read, chosen, downloaded, and whether every seal holds."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from .. import audit
from ..csv_cells import csv_text, neutral
from ..downloads import file_of
from ..errors import AuditBroken
from ..extensions import db
from ..models import AuditEvent, Trust
from . import audit_reading, reach

bp = Blueprint("audit", __name__, url_prefix="/admin/audit")
bp.before_request(reach.enter)
COLUMNS = (
    *("number", "time_utc", "who", "who_code", "what", "what_code"),
    *("of", "of_code", "counts", "seal_holds", "seal"),
)
AT_ONCE = 1000


@bp.get("")
def index():
    """One page of events, newest first, of whom and when was chosen."""
    choice = audit_reading.Choice.of(request.args)
    before = request.args.get("before", type=int)
    query = _chosen(choice)
    if before:
        query = query.where(AuditEvent.id < before)
    found = db.session.scalars(query.limit(audit_reading.PAGE + 1)).all()
    shown = found[: audit_reading.PAGE]
    return render_template(
        "admin/audit.html",
        lines=audit_reading.lines(db.session, shown),
        older=shown[-1].id if len(found) > len(shown) else None,
        is_newest=not before,
        choice=choice,
        actors=audit_reading.actors(db.session, **_reach()),
        kinds=audit_reading.kinds(db.session, **_reach()),
    )


@bp.post("/download")
def download():
    """Every event that was chosen, as CSV; the download is an event itself."""
    choice = audit_reading.Choice.of(request.args)
    for subject in _subjects():
        done = {"actor": reach.me(), "action": "audit.exported", "subject": subject}
        audit.record(db.session, **done)
    db.session.commit()
    rows = [COLUMNS, *_rows(_chosen(choice))]
    return file_of(csv_text(rows), "text/csv", "who-did-what.csv")


@bp.get("/download")
def after_download():
    """Whoever reloads the address of the file is back at the page."""
    return redirect(url_for(".index"), 303)


@bp.get("/seals")
def seals():
    """Read the whole record, and say whether every seal of it holds."""
    with Session(db.engine) as session:
        audit.read_at_one_moment(session)
        try:
            n, problem = audit.verify(session), None
        except AuditBroken as broken:
            n, problem = None, str(broken)
    return render_template("admin/seals.html", n=n, problem=problem)


def _reach():
    return {"trust_ids": g.trust_ids, "is_everywhere": None in reach.me().administers}


def _chosen(choice):
    return audit_reading.chosen(choice, **_reach())


def _subjects():
    """What a download is about: each trust, or for all of them the installation."""
    if None in reach.me().administers:
        return [None]
    return [db.session.get(Trust, number) for number in sorted(g.trust_ids)]


def _rows(query):
    for events in db.session.scalars(query).partitions(AT_ONCE):
        for event, line in zip(events, audit_reading.lines(db.session, events)):
            yield [
                line.number,
                line.at.isoformat(timespec="seconds"),
                *map(neutral, (line.who, event.actor, line.what, event.action)),
                *map(neutral, (line.of, event.subject, line.counts)),
                "yes" if line.holds else "no",
                event.hash,
            ]
