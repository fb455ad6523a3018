"""What leads read of comments: whole blocks, edited, undated and shuffled."""

from flask import Blueprint, abort, g, render_template
from flask_security import current_user

from ..assessments.labels import PERSPECTIVES
from ..auth.access import admit
from ..auth.permissions import roles_for
from ..errors import NotFound
from ..extensions import db
from ..models import Trust
from .comment_blocks import AUTHORS, for_leads
from .presenter import POOL, TITLES
from .rounding import Draws

bp = Blueprint("lead_comments", __name__, url_prefix="/tracking")
ROLES = roles_for("lead_comments")
bp.before_request(admit())


@bp.get("/<int:trust_id>/<perspective>/comments")
def show(trust_id, perspective):
    """Comments of the person's teams, with their themes."""
    if perspective not in PERSPECTIVES:
        abort(404)
    if trust_id not in g.trust_ids:
        raise NotFound()
    trust = db.session.get(Trust, trust_id)
    reach = current_user.team_ids(trust_id, *ROLES)
    names = {team.id: team.name for team in trust.teams} | {None: POOL}
    draws = Draws.of_installation()
    found = [
        (names[team_id], comments)
        for team_id, comments in for_leads(
            db.session, trust_id, perspective, draws=draws
        )
        if reach is None or team_id in reach
    ]
    return render_template(
        "comments/for_leads.html",
        trust=trust,
        here=perspective,
        perspectives={name: each.many for name, each in PERSPECTIVES.items()},
        blocks=found,
        titles=TITLES,
        least=AUTHORS,
    )
