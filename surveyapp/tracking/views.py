"""Involvement over time, for those who lead services."""

from flask import (
    Blueprint,
    Response,
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
from ..auth.permissions import roles_for
from ..csv_cells import csv_text, neutral
from ..database import utc_now
from ..errors import NotFound
from ..extensions import db
from ..models import Trust
from . import charts, drawing, groups, presenter
from .queues import OVERALL

bp = Blueprint("tracking", __name__, url_prefix="/tracking")
ROLES = roles_for("tracking")
bp.before_request(admit())


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
    figures = _figures(trust_id, perspective, chosen)
    seen = _visible(found)
    team = _team(seen, figures)
    line = _line(figures, seen, team, chosen)
    view = presenter.view(
        figures,
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
        line=line,
        drawing=drawing.draw(line),
        seen=seen,
        team=team,
    )


@bp.get("/<int:trust_id>/<perspective>/chart.svg")
def chart_svg(trust_id, perspective):
    """The picture of one chart, to be drawn at any size."""
    return _file(trust_id, perspective, "svg", _svg)


@bp.get("/<int:trust_id>/<perspective>/chart.png")
def chart_png(trust_id, perspective):
    """The picture of one chart, for slides."""
    return _file(trust_id, perspective, "png", _png)


@bp.get("/<int:trust_id>/<perspective>/chart.csv")
def chart_csv(trust_id, perspective):
    """The numbers of one chart."""
    return _file(trust_id, perspective, "csv", _csv)


def _file(trust_id, perspective, kind, write):
    """One chart as a file; a chart without a point is none."""
    if perspective not in PERSPECTIVES:
        abort(404)
    if trust_id not in g.trust_ids:
        raise NotFound()
    _, chosen = _series(trust_id, perspective)
    figures = _figures(trust_id, perspective, chosen)
    seen = _visible(db.session.get(Trust, trust_id))
    line = _line(figures, seen, _team(seen, figures), chosen)
    if not line.known:
        raise NotFound()
    body, mimetype = write(line)
    name = f"involvement-{perspective}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype=mimetype, headers=headers)


def _svg(line):
    drawn = drawing.draw(line)
    picture = render_template("tracking/_chart.svg", line=line, drawing=drawn)
    return picture, "image/svg+xml"


def _png(line):
    from . import chart_picture

    return chart_picture.draw(line), "image/png"


def _csv(line):
    table = [[neutral(cell) for cell in row] for row in charts.rows(line)]
    return csv_text(table), "text/csv"


def _visible(trust):
    """Team -> name, of those that still stand and this person may see."""
    reach = current_user.team_ids(trust.id, *ROLES)
    return {
        team.id: team.name
        for team in trust.teams
        if team.merged_into_id is None and (reach is None or team.id in reach)
    }


def _team(seen, figures):
    """The team that was asked for; else one's only team, if it has a group."""
    wanted = request.args.get("team", type=int)
    if wanted is not None and wanted not in seen:
        raise NotFound()
    if wanted is None and "team" not in request.args and len(seen) == 1:
        (only,) = seen
        return only if any(p.team_id == only for p in figures.points) else None
    return wanted


def _line(figures, seen, team, series):
    sd, given = figures.spreads.get(OVERALL), {"series": series or ""}
    if team is None:
        return charts.trust_chart(figures.by_month, sd=sd, **given)
    own = [point for point in figures.points if point.team_id == team]
    return charts.team_chart(seen[team], own, sd=sd, **given)


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
