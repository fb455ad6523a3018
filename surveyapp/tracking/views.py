"""Involvement over time, for those who lead services."""

from flask import Response, g, redirect, render_template, url_for
from flask_security import current_user

from ..auth.permissions import may_open
from ..csv_cells import csv_text, neutral
from ..errors import NotFound
from . import block_presenter, charts, drawing, presenter
from .chosen import chosen
from .figures_blueprint import bp


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
    what = chosen(trust_id, perspective)
    given = {"tried": drawing.tried(what.line, what.notes)}
    return _file(what, "svg", lambda line: _svg(line, **given))


@bp.get("/<int:trust_id>/<perspective>/chart.png")
def chart_png(trust_id, perspective):
    """The picture of one chart, for slides."""
    return _file(chosen(trust_id, perspective), "png", _png)


@bp.get("/<int:trust_id>/<perspective>/chart.csv")
def chart_csv(trust_id, perspective):
    """The numbers of one chart."""
    return _file(chosen(trust_id, perspective), "csv", _csv)


def _file(what, kind, write):
    """One chart as a file; a chart without a point is none."""
    line = what.line
    if not line.known:
        raise NotFound()
    body, mimetype = write(line)
    return file_of(body, mimetype, f"involvement-{what.perspective}.{kind}")


def file_of(body, mimetype, name):
    """A response that a browser keeps under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype=mimetype, headers=headers)


def csv_file(rows, name):
    """Rows as a CSV file, no cell of which a spreadsheet takes for a formula."""
    table = [[neutral(cell) for cell in row] for row in rows]
    return file_of(csv_text(table), "text/csv", name)


def _svg(line, tried):
    given = {"line": line, "drawing": drawing.draw(line), "tried": tried}
    picture = render_template("tracking/_chart.svg", **given)
    return picture, "image/svg+xml"


def _png(line):
    from . import chart_picture

    return chart_picture.draw(line), "image/png"


def _csv(line):
    table = [[neutral(cell) for cell in row] for row in charts.rows(line)]
    return csv_text(table), "text/csv"
