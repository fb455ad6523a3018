"""Involvement over time, for those who lead services."""

from flask import Blueprint, abort, current_app, g, redirect, render_template, url_for
from flask_security import current_user

from ..assessments.labels import PERSPECTIVES
from ..auth.access import admit
from ..database import utc_now, writes
from ..errors import NotFound
from ..extensions import db
from ..models import Trust
from . import presenter, releases

bp = Blueprint("tracking", __name__, url_prefix="/tracking")
ROLES = ("lead", "coordinator", "researcher")
bp.before_request(admit(*ROLES))


@bp.get("/")
def index():
    """The first trust that the person may follow."""
    if not g.trust_ids:
        raise NotFound()
    first = min(g.trust_ids)
    return redirect(url_for(".trust", trust_id=first, perspective="service_user"), 303)


@bp.get("/<int:trust_id>/<perspective>")
@writes
def trust(trust_id, perspective):
    """Means with intervals by prerequisite, and by team and quarter."""
    if perspective not in PERSPECTIVES:
        abort(404)
    if trust_id not in g.trust_ids:
        raise NotFound()
    found = db.session.get(Trust, trust_id)
    minimum = current_app.config["PROM"].suppress_below
    now, of = utc_now(), (db.session, trust_id, perspective)
    let_out = releases.released(*of, now=now, minimum=minimum)
    view = presenter.view(
        let_out,
        found.teams,
        perspective,
        minimum=minimum,
        waiting=releases.waiting(*of, let_out, now=now),
        visible=current_user.team_ids(trust_id, *ROLES),
    )
    return render_template(
        "tracking/trust.html",
        view=view,
        trust=found,
        here=perspective,
        perspectives={name: each.many for name, each in PERSPECTIVES.items()},
    )
