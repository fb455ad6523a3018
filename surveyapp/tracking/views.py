"""Involvement over time, for those who lead services."""

from flask import g, redirect, render_template, url_for
from flask_security import current_user

from ..auth.permissions import may_open
from ..errors import NotFound
from . import block_presenter, charts, drawing, presenter
from .chosen import chosen
from .figures_blueprint import bp
from .picture_files import csv_file, picture_file


@bp.get("/")
def index():
    """The first trust that the person may follow."""
    if not g.trust_ids:
        raise NotFound()
    first = min(g.trust_ids)
    return redirect(url_for(".trust", trust_id=first, perspective="service_user"), 303)


@bp.get("/<int:trust_id>/<perspective>")
def trust(trust_id, perspective):
    """The chart of a team or of the trust, and from thirty people what is behind it."""
    what = chosen(trust_id, perspective)
    return render_template(
        "tracking/trust.html",
        what=what,
        view=presenter.view(what),
        line=what.line,
        drawing=drawing.draw(what.line),
        tried=drawing.tried(what.line, what.notes),
        notes=what.notes,
        leads=may_open(current_user, "improvement.index"),
        behind=block_presenter.behind(what),
    )


@bp.get("/<int:trust_id>/<perspective>/chart.svg")
def chart_svg(trust_id, perspective):
    """The picture of one chart, to be drawn at any size."""
    return _picture(trust_id, perspective, "svg")


@bp.get("/<int:trust_id>/<perspective>/chart.png")
def chart_png(trust_id, perspective):
    """The picture of one chart, for slides."""
    return _picture(trust_id, perspective, "png")


@bp.get("/<int:trust_id>/<perspective>/chart.csv")
def chart_csv(trust_id, perspective):
    """The numbers of one chart."""
    what = _with_a_point(trust_id, perspective)
    return csv_file(charts.rows(what.line), f"involvement-{perspective}.csv")


def _picture(trust_id, perspective, kind):
    what = _with_a_point(trust_id, perspective)
    line = what.line
    return picture_file(
        "_chart.svg",
        f"involvement-{perspective}",
        kind,
        line.description,
        line=line,
        drawing=drawing.draw(line),
        tried=drawing.tried(line, what.notes),
    )


def _with_a_point(trust_id, perspective):
    """What is asked for; a chart without a point is no file."""
    what = chosen(trust_id, perspective)
    if not what.line.known:
        raise NotFound()
    return what
