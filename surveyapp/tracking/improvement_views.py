"""A lead's pages about what was tried."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_security import current_user

from ..auth.access import admit
from ..calendar import LONDON
from ..database import utc_now
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Trust
from ..sent_once import makes_once
from . import improvement
from .charts import TRUST

bp = Blueprint("improvement", __name__, url_prefix="/improvement/<int:trust_id>")
bp.before_request(admit())


@bp.get("/")
def index(trust_id):
    """What was tried, in the whole trust and in the teams that the person leads."""
    trust = _trust(trust_id)
    notes = improvement.notes_of(db.session, trust_id, _teams(trust))
    return render_template(
        "improvement/index.html", trust=trust, notes=notes, may_write=_may_write(trust)
    )


@bp.get("/new")
def new(trust_id, problems=None):
    """A form for a note."""
    trust = _trust(trust_id)
    return _form(trust, None, problems)


@bp.post("/new")
@makes_once
def write(trust_id):
    """Keep a note."""
    trust = _trust(trust_id)
    team_id = _team_typed(trust)
    given = {"user": current_user, "today": _today()}
    try:
        improvement.write(db.session, trust_id, team_id, request.form, **given)
    except InvalidAnswers as problem:
        db.session.rollback()
        return new(trust_id, problem.problems), 422
    return _back(trust_id)


@bp.get("/<int:number>")
def show(trust_id, number, problems=None):
    """One note, to be changed, closed or opened again."""
    trust = _trust(trust_id)
    return _form(trust, _note(trust, number), problems)


@bp.post("/<int:number>")
def change(trust_id, number):
    """Change the words or the day of a note."""
    note = _note(_trust(trust_id), number)
    given = {"user": current_user, "now": utc_now(), "today": _today()}
    try:
        improvement.change(db.session, note, request.form, **given)
    except InvalidAnswers as problem:
        db.session.rollback()
        return show(trust_id, number, problem.problems), 422
    return _back(trust_id)


@bp.post("/<int:number>/end")
def end(trust_id, number):
    """Close a note."""
    note = _note(_trust(trust_id), number)
    improvement.end(db.session, note, user=current_user, today=_today())
    return _back(trust_id)


@bp.post("/<int:number>/resume")
def resume(trust_id, number):
    """Open a closed note again."""
    note = _note(_trust(trust_id), number)
    improvement.go_on(db.session, note, user=current_user)
    return _back(trust_id)


def _form(trust, note, problems):
    started = (note.started_on if note else _today()).isoformat()
    kept = {"what": note.what if note else "", "started_on": started}
    return render_template(
        "improvement/note.html",
        trust=trust,
        note=note,
        teams=_choices(trust),
        typed=request.form or kept,
        longest=improvement.LONGEST,
        problems=problems or {},
    )


def _trust(trust_id):
    if trust_id not in g.trust_ids:
        raise NotFound()
    return db.session.get(Trust, trust_id)


def _note(trust, number):
    return improvement.find(db.session, trust.id, number, _may_write(trust))


def _reach(trust):
    """Teams that the person leads; None where it is the whole trust."""
    return current_user.team_ids(trust.id, "lead")


def _may_write(trust):
    reach = _reach(trust)
    return lambda team_id: reach is None or team_id in reach


def _teams(trust):
    reach = _reach(trust)
    return {t.id for t in trust.teams if reach is None or t.id in reach}


def _choices(trust):
    """Value -> name of what a note can be of."""
    wholly = {"": TRUST} if _reach(trust) is None else {}
    held = _teams(trust)
    names = {
        str(team.id): team.name
        for team in trust.teams
        if team.id in held and team.merged_into_id is None
    }
    return wholly | names


def _team_typed(trust):
    typed = request.form.get("team", "")
    if typed not in _choices(trust):
        raise NotFound()
    return int(typed) if typed else None


def _today():
    return utc_now().astimezone(LONDON).date()


def _back(trust_id):
    return redirect(url_for(".index", trust_id=trust_id), 303)
