"""The coordinator's pages for bringing in the answers of an earlier round."""

import io

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_security import current_user

from ..auth.access import admit, within_reach
from ..csv_cells import csv_text, neutral
from ..database import utc_now
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import AnswerImport, Campaign
from . import import_columns, import_services
from .import_table import InvalidImport

bp = Blueprint("importing", __name__, url_prefix="/imports")
bp.before_request(admit("coordinator"))
MOST_BYTES = 40 * 2**20
SHOWN = 100  # problems on the page; the file of problems has all of them
SECONDS = 8  # of writing in one request


@bp.get("/campaign/<int:campaign_id>")
def index(campaign_id, problems=None):
    """The imports of a campaign, and a form for another file."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "importing/index.html",
        campaign=campaign,
        imports=import_services.imports_of(db.session, campaign),
        columns=import_columns.ABOUT,
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/campaign/<int:campaign_id>")
def check(campaign_id):
    """Look at a file; nothing of it counts until it is confirmed."""
    request.max_content_length = MOST_BYTES
    campaign = within_reach(db.session, Campaign, campaign_id)
    sent, team_id = request.files.get("file"), request.form.get("team", type=int)
    if not sent:
        return index(campaign_id, {"file": "Choose a file"}), 422
    if team_id not in {None, *(team.id for team in campaign.teams)}:
        raise NotFound()
    try:
        made, _ = import_services.check(
            db.session,
            campaign,
            sent.read(),
            actor=_actor(),
            now=utc_now(),
            team_id=team_id,
            made_by_id=current_user.id,
        )
    except InvalidImport as problem:
        says = f"The file cannot be used: {problem}"
        return index(campaign_id, {"file": says}), 422
    return _to(made)


@bp.get("/<int:import_id>")
def show(import_id, problems=None):
    """What a file would bring in, or how far it is, or what became of it."""
    made = within_reach(db.session, AnswerImport, import_id)
    table = None
    if made.content is not None:
        table = import_services.table_of(made, now=utc_now())
    is_checked = made.stage == "checked" and table is not None
    return render_template(
        "importing/show.html",
        made=made,
        campaign=made.campaign,
        table=table,
        shown=table.problems[:SHOWN] if table else (),
        groups=(
            import_services.preview(db.session, made.campaign, table) if table else ()
        ),
        known=import_services.known_rows(db.session, made, table) if is_checked else (),
        n_in=import_services.n_in(db.session, made),
        depending=import_services.depending(db.session, made),
        problems=problems or {},
    )


@bp.get("/<int:import_id>/problems.csv")
def all_problems(import_id):
    """Every problem of a file: row, column, and what is wrong."""
    made = within_reach(db.session, AnswerImport, import_id)
    table = import_services.table_of(made, now=utc_now())
    rows = [[p.row, p.column, neutral(p.says)] for p in table.problems]
    return _csv(csv_text([["row", "column", "problem"], *rows]), "problems.csv")


@bp.post("/<int:import_id>/confirm")
def confirm(import_id):
    """Write the rows, for a few seconds; the page says how far it is."""
    within_reach(db.session, AnswerImport, import_id)
    try:
        made = import_services.confirm(
            db.session,
            import_id,
            actor=_actor(),
            now=utc_now(),
            agreed="agreed" in request.form,
            good_rows_only="good_rows_only" in request.form,
        )
    except InvalidAnswers as problem:
        return show(import_id, problem.problems), 422
    import_services.carry_on(db.session, made.id, actor=_actor(), seconds=SECONDS)
    return _to(made)


@bp.post("/<int:import_id>/carry-on")
def carry_on(import_id):
    """Write for a few seconds more."""
    made = within_reach(db.session, AnswerImport, import_id)
    import_services.carry_on(db.session, made.id, actor=_actor(), seconds=SECONDS)
    return _to(made)


@bp.post("/<int:import_id>/cancel")
def cancel(import_id):
    """Give up an import that is not finished."""
    made = within_reach(db.session, AnswerImport, import_id)
    import_services.cancel(db.session, import_id, actor=_actor())
    return redirect(url_for(".index", campaign_id=made.campaign_id), 303)


@bp.post("/<int:import_id>/undo")
def undo(import_id):
    """Withdraw everything that a finished import brought in."""
    made = within_reach(db.session, AnswerImport, import_id)
    import_services.undo(db.session, import_id, actor=_actor(), now=utc_now())
    return _to(made)


@bp.get("/campaign/<int:campaign_id>/template.csv")
def template(campaign_id):
    """An empty file with the columns of this campaign."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return _csv(import_columns.template(campaign), "earlier-answers.csv")


@bp.get("/campaign/<int:campaign_id>/columns.csv")
def codebook(campaign_id):
    """What each column and code means."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return _csv(import_columns.codebook(campaign), "columns.csv")


def _csv(text, name):
    """A download; the mark lets a spreadsheet read it as UTF-8."""
    body = io.BytesIO(("\ufeff" + text).encode())
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype="text/csv", headers=headers)


def _to(made):
    return redirect(url_for(".show", import_id=made.id), 303)


def _actor():
    return f"staff:{current_user.id}"
