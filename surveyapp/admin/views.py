"""Where an administrator begins: the trusts, and who looks after all of them."""

from flask import Blueprint, g, render_template
from sqlalchemy import select

from ..extensions import db
from ..models import Trust
from . import reach, services

bp = Blueprint("admin", __name__, url_prefix="/admin")
bp.before_request(reach.enter)


@bp.get("/")
def index():
    """Trusts with the numbers of their teams and staff."""
    trusts = db.session.scalars(
        select(Trust).where(Trust.id.in_(g.trust_ids)).order_by(Trust.name)
    ).all()
    everywhere = None in reach.me().administers
    coordinated = services.coordinated(db.session, [t.id for t in trusts])
    return render_template(
        "admin/index.html",
        trusts=[(t, services.staff_of(db.session, [t.id])) for t in trusts],
        coordinated=coordinated,
        lacking=any(t.id not in coordinated or not t.teams for t in trusts),
        is_everywhere=everywhere,
        everywhere=services.administrators_of_all(db.session) if everywhere else [],
    )
