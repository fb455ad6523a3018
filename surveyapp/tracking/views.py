"""Involvement over time, for those who lead services."""

from flask import (
    Blueprint,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_security import current_user

from ..assessments.labels import PERSPECTIVES
from ..auth.access import admit
from ..database import utc_now
from ..errors import NotFound
from ..extensions import db
from ..models import Trust
from . import groups, presenter

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
def trust(trust_id, perspective):
    """Means with intervals by prerequisite, by team and quarter, and each group."""
    if perspective not in PERSPECTIVES:
        abort(404)
    if trust_id not in g.trust_ids:
        raise NotFound()
    found = db.session.get(Trust, trust_id)
    every, chosen = _series(trust_id, perspective)
    view = presenter.view(
        _figures(trust_id, perspective, chosen),
        found.teams,
        perspective,
        waiting=groups.waiting(
            db.session,
            trust_id,
            perspective,
            now=utc_now(),
            minimum=current_app.config["PROM"].suppress_below,
        ),
        visible=current_user.team_ids(trust_id, *ROLES),
    )
    return render_template(
        "tracking/trust.html",
        view=view,
        trust=found,
        here=perspective,
        perspectives={name: each.many for name, each in PERSPECTIVES.items()},
        every_series=[series.key for series in every],
        series=chosen,
    )


def _series(trust_id, perspective):
    """Every series, and the one that was asked for, by default the newest."""
    every = groups.series_of(db.session, trust_id, perspective)
    keys = [series.key for series in every]
    wanted = request.args.get("series", keys[0] if keys else None)
    if wanted is not None and wanted not in keys:
        raise NotFound()
    return every, wanted


def _figures(trust_id, perspective, series):
    of = (db.session, trust_id, perspective, series)
    return presenter.Figures(
        by_month=groups.by_month(*of),
        totals=groups.totals(*of),
        points=tuple(groups.points(*of)),
        spreads=groups.spreads(*of),
    )
