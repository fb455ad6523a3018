"""The page from which someone sees all questions of an adaptive form."""

from flask import g, render_template

from ..assessments import adaptive
from ..errors import NotFound
from ..extensions import db
from .blueprint import address, bp, journey, to


@bp.get("/all-questions")
def offer_all_questions():
    """How many there are; what was answered stays."""
    route = journey()
    if not route.at_most:
        raise NotFound()
    return render_template(
        "respond/all_questions.html",
        n_all=route.n_all,
        at_most=route.at_most,
        back=address(route.stop(g.assessment.position)),
    )


@bp.post("/all-questions")
def see_all_questions():
    """Ask every question from now on."""
    return to(adaptive.see_all(db.session, g.assessment.id))
