"""The coordinator's pages for bringing in the answers of an earlier round."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import current_user

from .. import import_state, second_look
from ..auth.access import admit, within_reach
from ..csv_cells import csv_text, neutral
from ..database import utc_now
from ..downloads import spreadsheet
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..file_limits import EARLIER_ANSWERS, EARLIER_WORKBOOK, SECONDS, FileRefused
from ..models import AnswerImport, Campaign
from ..sent_once import makes_once
from ..uploads import sent, takes
from . import import_columns, import_services
from .import_findings import Findings

bp = Blueprint("importing", __name__, url_prefix="/imports")
bp.before_request(admit())
SHOWN = 100  # problems on the page; the file of problems has more


@bp.get("/campaign/<int:campaign_id>")
def index(campaign_id, problems=None):
    """The imports of a campaign, and a form for another file."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "importing/index.html",
        campaign=campaign,
        imports=import_services.imports_of(db.session, campaign),
        stages=import_state.STAGES,
        columns=import_columns.ABOUT,
        limit=EARLIER_ANSWERS,
        workbook=EARLIER_WORKBOOK,
        seconds=SECONDS,
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/campaign/<int:campaign_id>")
@takes(file=EARLIER_ANSWERS)
@makes_once
def check(campaign_id):
    """Take a file and have it looked at; nothing of it counts until it is confirmed."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    team_id = request.form.get("team", type=int)
    if team_id not in {None, *(team.id for team in campaign.teams)}:
        raise NotFound()
    try:
        file = sent("file")
        if file is None:
            return index(campaign_id, {"file": "Choose a file"}), 422
        made = import_services.receive(
            db.session,
            campaign,
            file,
            name=file.filename or "",
            team_id=team_id,
            **_who(),
        )
    except FileRefused as problem:
        says = f"The file cannot be used: {problem}"
        return index(campaign_id, {"file": says}), 422
    return _to(made)


@bp.get("/<int:import_id>")
def show(import_id, problems=None):
    """What a file would bring in, or how far it is, or what became of it."""
    made = within_reach(db.session, AnswerImport, import_id)
    found = Findings.read(made.findings) if made.findings else None
    is_done = made.stage == "done"
    return render_template(
        "importing/show.html",
        made=made,
        campaign=made.campaign,
        state=import_state.of(made, now=utc_now()),
        found=found,
        shown=found.problems[:SHOWN] if found else (),
        groups=found.groups if found else (),
        n_in=import_services.n_in(db.session, made) if is_done else 0,
        depending=import_services.depending(db.session, made) if is_done else 0,
        problems=problems or {},
        typed=request.form,
    )


@bp.get("/<int:import_id>/problems.csv")
def all_problems(import_id):
    """Every problem of a file: row, column, and what is wrong."""
    made = within_reach(db.session, AnswerImport, import_id)
    if not made.findings:
        raise NotFound()
    found = Findings.read(made.findings)
    rows = [[p.row, neutral(p.column), neutral(p.says)] for p in found.problems]
    if found.n_problems > len(rows):
        rows.append(["", "", f"and {found.n_problems - len(rows):,} more problems"])
    return spreadsheet(csv_text([["row", "column", "problem"], *rows]), "problems.csv")


@bp.post("/<int:import_id>/confirm")
def confirm(import_id):
    """Have the rows written; the page says how far it is."""
    within_reach(db.session, AnswerImport, import_id)
    try:
        made = import_services.confirm(
            db.session,
            import_id,
            agreed="agreed" in request.form,
            good_rows_only="good_rows_only" in request.form,
            **_who(),
        )
    except InvalidAnswers as problem:
        return show(import_id, problem.problems), 422
    return _to(made)


@bp.post("/<int:import_id>/carry-on")
def carry_on(import_id):
    """Have an import go on that was stopped half-way."""
    within_reach(db.session, AnswerImport, import_id)
    asked = {"now": utc_now(), "by": current_user.id}
    return _to(import_services.ask_again(db.session, import_id, **asked))


@bp.get("/<int:import_id>/cancel")
def confirm_cancel(import_id):
    """Say what goes before an import is given up."""
    return _second_look(import_id, "cancel")


@bp.get("/<int:import_id>/undo")
def confirm_undo(import_id):
    """Say what goes before an import is undone."""
    return _second_look(import_id, "undo")


def _second_look(import_id, act):
    made = within_reach(db.session, AnswerImport, import_id)
    return second_look.ask(
        *import_services.words_of(db.session, made, act),
        there=url_for(f".{act}", import_id=made.id),
        back=(url_for(".show", import_id=made.id), f"Import {made.id}"),
        caption=made.campaign.title,
        campaign=made.campaign,
    )


@bp.post("/<int:import_id>/cancel")
def cancel(import_id):
    """Give up an import that is not finished."""
    within_reach(db.session, AnswerImport, import_id)
    made = import_services.cancel(db.session, import_id, **_who())
    return redirect(url_for(".index", campaign_id=made.campaign_id), 303)


@bp.post("/<int:import_id>/undo")
def undo(import_id):
    """Withdraw everything that a finished import brought in."""
    made = within_reach(db.session, AnswerImport, import_id)
    import_services.undo(db.session, import_id, **_who())
    return _to(made)


@bp.get("/campaign/<int:campaign_id>/template.csv")
def template(campaign_id):
    """An empty file with the columns of this campaign."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return spreadsheet(import_columns.template(campaign), "earlier-answers.csv")


@bp.get("/campaign/<int:campaign_id>/columns.csv")
def codebook(campaign_id):
    """What each column and code means."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return spreadsheet(import_columns.codebook(campaign), "columns.csv")


def _to(made):
    return redirect(url_for(".show", import_id=made.id), 303)


def _who():
    number = current_user.id
    return {"actor": f"staff:{number}", "by": number, "now": utc_now()}
