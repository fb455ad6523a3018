"""A page for a board, and a report of a team and a period: HTML, PDF and CSV."""

from flask import abort, render_template, request

from ..calendar import LONDON
from ..database import let_go, utc_now
from ..downloads import file_of
from ..extensions import db
from . import board_report, drawing
from .chosen import chosen
from .figures_blueprint import bp
from .picture_files import csv_file

TEMPLATE = "tracking/board.typ"


@bp.get("/<int:trust_id>/<perspective>/board")
def board(trust_id, perspective):
    """The report on a page, and the choice of team and period."""
    what = chosen(trust_id, perspective)
    period, report = _report(what)
    return render_template(
        "tracking/board.html",
        what=what,
        report=report,
        drawing=drawing.draw(report.line),
        period=period,
        periods=board_report.periods(what),
        query=what.query | {"period": period, "whole": _whole() or None},
        is_whole=_whole(),
        head=board_report.HEAD,
        scale_head=board_report.SCALE_HEAD,
        rules=board_report.RULES,
    )


@bp.get("/<int:trust_id>/<perspective>/board.pdf")
def board_pdf(trust_id, perspective):
    """The report as a tagged PDF."""
    from .. import typesetting

    what = chosen(trust_id, perspective)
    period, report = _report(what)
    today = utc_now().astimezone(LONDON).date()
    name = board_report.file_name(what, period, today, "pdf")
    data = _data(report, today)
    let_go(db.session)
    pdf = typesetting.to_pdf(TEMPLATE, data, date=today)
    return file_of(pdf, "application/pdf", name)


@bp.get("/<int:trust_id>/<perspective>/board.csv")
def board_csv(trust_id, perspective):
    """The numbers of the report."""
    what = chosen(trust_id, perspective)
    period, report = _report(what)
    today = utc_now().astimezone(LONDON).date()
    name = board_report.file_name(what, period, today, "csv")
    return csv_file(report.rows(), name)


def _report(what):
    period = request.args.get("period", "")
    if period not in board_report.periods(what):
        abort(404)
    return period, board_report.report(what, period, whole=_whole())


def _whole():
    """Whether every point is wanted, on as many pages as it takes."""
    return request.args.get("whole") == "yes"


def _data(report, today):
    """What the template of the PDF sets."""
    drawn, line = drawing.draw(report.line), report.line
    given = {"line": line, "drawing": drawn, "tried": report.tried}
    picture = drawn and render_template("tracking/_chart.svg", **given)
    return {
        "title": report.title,
        "organisation": report.organisation,
        "made_on": f"{today.day} {today:%B %Y}",
        "made_up": report.is_made_up,
        "word": line.word,
        "finding": line.finding,
        "change": line.change,
        "assurance": line.assurance_text,
        "summary": report.summary,
        "picture": picture,
        "alt": line.description,
        "limits": line.limits,
        "notes": report.notes,
        "head": board_report.HEAD,
        "points": report.points,
        "left_out": report.n_left_out,
        "scale_head": board_report.SCALE_HEAD,
        "scales": report.scales,
        "not_shown": report.not_shown,
        "rules": board_report.RULES,
        "series": report.series,
    }
