"""A lead's pages about targets and step changes of a chart."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import current_user

from ..auth.access import admit
from ..database import utc_now
from ..errors import InvalidAnswers, NotAllowed
from ..extensions import db
from ..models import ChartStep, ScoreTarget
from ..models.staff import LEAD
from ..sent_once import makes_once
from . import targets
from .chosen import chosen

bp = Blueprint(
    "targets", __name__, url_prefix="/tracking/<int:trust_id>/<perspective>/targets"
)
bp.before_request(admit())


@bp.get("/")
def index(trust_id, perspective):
    """Targets and steps of a chart, those of before too: who set them, and when."""
    what, place = _place(trust_id, perspective)
    return render_template(
        "targets/index.html",
        what=what,
        target=targets.target_of(db.session, *place),
        every=targets.targets_of(db.session, *place),
        steps=targets.steps_of(db.session, *place, standing=False),
        may_set=_may_set(what),
    )


@bp.get("/set")
def show_set(trust_id, perspective, problems=None):
    """A form for a target, or for another in its place."""
    what, place = _to_set(trust_id, perspective)
    stands = targets.target_of(db.session, *place)
    return _form("targets/set.html", what, problems, stands=stands)


@bp.post("/set")
@makes_once
def set_target(trust_id, perspective):
    """Set a target in place of the one that stands."""
    what, place = _to_set(trust_id, perspective)
    given = {name: request.form.get(name, "") for name in ("value", "reason")}
    try:
        targets.set_target(db.session, place, **given, **_who())
    except InvalidAnswers as problem:
        return show_set(trust_id, perspective, problem.problems), 422
    return _back(what)


@bp.get("/<int:number>/close")
def show_close(trust_id, perspective, number):
    """Ask whether a target shall stand no more."""
    what, place = _to_set(trust_id, perspective)
    target = targets.find(db.session, ScoreTarget, place, number)
    return _form("targets/close.html", what, None, target=target)


@bp.post("/<int:number>/close")
def close(trust_id, perspective, number):
    """Let a target stand no more."""
    what, place = _to_set(trust_id, perspective)
    targets.close_target(db.session, place, number, **_who())
    return _back(what)


@bp.get("/step")
def show_step(trust_id, perspective, problems=None):
    """A form for a step change."""
    what, _ = _to_set(trust_id, perspective)
    return _form("targets/step.html", what, problems)


@bp.post("/step")
@makes_once
def set_step(trust_id, perspective):
    """Make the limits of a chart anew from a day on."""
    what, place = _to_set(trust_id, perspective)
    given = {name: request.form.get(name, "") for name in ("starts_on", "reason")}
    try:
        targets.set_step(db.session, place, **given, line=what.line, **_who())
    except InvalidAnswers as problem:
        return show_step(trust_id, perspective, problem.problems), 422
    return _back(what)


@bp.get("/step/<int:number>/undo")
def show_undo(trust_id, perspective, number):
    """Ask whether a step shall be undone."""
    what, place = _to_set(trust_id, perspective)
    step = targets.find(db.session, ChartStep, place, number)
    return _form("targets/undo.html", what, None, step=step)


@bp.post("/step/<int:number>/undo")
def undo(trust_id, perspective, number):
    """Make limits without a step again."""
    what, place = _to_set(trust_id, perspective)
    targets.undo_step(db.session, place, number, **_who())
    return _back(what)


def _form(template, what, problems, **given):
    return render_template(
        template, what=what, problems=problems or {}, typed=request.form, **given
    )


def _place(trust_id, perspective):
    what = chosen(trust_id, perspective)
    return what, (what.trust.id, perspective, what.team)


def _to_set(trust_id, perspective):
    """The same, where this person may set anything; NotAllowed else."""
    what, place = _place(trust_id, perspective)
    if not _may_set(what):
        raise NotAllowed("leads of a team set what is of that team")
    return what, place


def _may_set(what):
    """Whether this person leads the team, or the whole trust."""
    reach = current_user.team_ids(what.trust.id, LEAD)
    return reach is None or what.team in reach


def _who():
    return {"user": current_user, "now": utc_now()}


def _back(what):
    return redirect(url_for(".index", **what.query), 303)
