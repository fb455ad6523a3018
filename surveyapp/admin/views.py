"""The administrator's pages: trusts, their teams, and who there is."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy import select

from ..errors import InvalidAnswers
from ..extensions import db
from ..models import Trust
from . import reach, services

bp = Blueprint("admin", __name__, url_prefix="/admin")
bp.before_request(reach.enter)


@bp.get("/")
def index(problems=None):
    """Trusts with their teams and staff."""
    trusts = db.session.scalars(
        select(Trust).where(Trust.id.in_(g.trust_ids)).order_by(Trust.name)
    ).all()
    everywhere = None in reach.me().administers
    return render_template(
        "admin/index.html",
        trusts=[(t, services.staff_of(db.session, [t.id])) for t in trusts],
        everywhere=services.administrators_of_all(db.session) if everywhere else [],
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/trusts/<int:trust_id>/teams")
def add_team(trust_id):
    """Add a team to a trust."""
    try:
        services.add_team(
            db.session,
            reach.trust(trust_id),
            request.form.get("team", ""),
            actor=reach.me(),
        )
    except InvalidAnswers as problem:
        return index(problem.problems), 422
    return redirect(url_for(".index"), 303)
