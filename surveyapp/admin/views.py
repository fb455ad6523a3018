"""The administrator's pages: trusts, teams, staff, and who did what."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_security import current_user
from sqlalchemy import select

from ..auth.access import admit
from ..database import utc_now
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import StaffUser, Trust
from ..models.staff import ROLES
from . import services

bp = Blueprint("admin", __name__, url_prefix="/admin")
guard = admit("administrator")
SHOWN_EVENTS = 100


@bp.before_request
def enter():
    """Administrators only, and only in the trusts that they look after."""
    refused = guard()
    if refused is None:
        g.trust_ids = services.reach(db.session, current_user)
    return refused


enter.roles = guard.roles


@bp.get("/")
def index(problems=None, made=None):
    """Trusts with their teams and staff."""
    trusts = db.session.scalars(
        select(Trust).where(Trust.id.in_(g.trust_ids)).order_by(Trust.name)
    ).all()
    return render_template(
        "admin/index.html",
        trusts=[(t, services.staff_of(db.session, [t.id])) for t in trusts],
        roles=ROLES,
        problems=problems or {},
        typed=request.form,
        made=made,
    )


@bp.post("/trusts/<int:trust_id>/teams")
def add_team(trust_id):
    """Add a team to a trust."""
    try:
        services.add_team(
            db.session, _trust(trust_id), request.form.get("team", ""), actor=_actor()
        )
    except InvalidAnswers as problem:
        return index(problem.problems), 422
    return redirect(url_for(".index"), 303)


@bp.post("/trusts/<int:trust_id>/staff")
def add_staff(trust_id):
    """Add a member of staff, and show their one-time link this once."""
    try:
        user, token = services.create_staff(
            db.session,
            email=request.form.get("email", ""),
            name=request.form.get("name", ""),
            role=request.form.get("role", ""),
            trust=_trust(trust_id),
            actor=_actor(),
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        return index(problem.problems), 422
    address = url_for("staff.link", token=token, _external=True)
    return index(made=(user.name, address))


@bp.post("/staff/<int:user_id>/active")
def set_active(user_id):
    """Disable or enable a member of staff."""
    user = db.session.get(StaffUser, user_id)
    if user is None or user not in services.staff_of(db.session, g.trust_ids):
        raise NotFound()
    active = request.form.get("active") == "1"
    services.set_active(db.session, user, active, actor=_actor(), now=utc_now())
    return redirect(url_for(".index"), 303)


@bp.get("/audit")
def audit():
    """The newest events of the person's trusts."""
    events = services.events_for(db.session, current_user, SHOWN_EVENTS)
    return render_template("admin/audit.html", events=events)


def _trust(trust_id):
    if trust_id not in g.trust_ids:
        raise NotFound()
    return db.session.get(Trust, trust_id)


def _actor():
    return f"staff:{current_user.id}"
