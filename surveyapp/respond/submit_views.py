"""The last pages: check, send, thanks, and stopping on the way."""

from flask import current_app, g, redirect, render_template, request, url_for

from ..assessments import recontact, start, submission
from ..assessments.unsent import UNSENT_DAYS
from ..database import utc_now
from ..extensions import db
from . import check_answers, presenter
from .blueprint import address, bp, journey
from .code_views import device_question


@bp.get("/check")
def check():
    """Every answer with a Change link, and the button that sends them."""
    route = journey()
    return render_template(
        "respond/check.html",
        sections=[
            *check_answers.sections(
                route, g.assessment, change, part=request.args.get("part")
            )
        ],
        back=address(route.before("check")),
    )


def change(stop):
    return f"{address(stop)}?from=check"


@bp.post("/submit")
def submit():
    """Send the answers; a second time makes no difference."""
    submission.submit(db.session, g.assessment.id, now=utc_now())
    return redirect(url_for(".done"), 303)


@bp.get("/done")
def done():
    """Thanks, the code with which one can withdraw, and perhaps one for next time."""
    now = utc_now()
    again = recontact.open_now(db.session, g.assessment, now=now)
    return render_template(
        "respond/done.html",
        others=presenter.roles(start.other_roles(g.assessment)),
        way_back=recontact.way_back(db.session, g.assessment, now=now),
        open_again=presenter.roles(again),
    )


@bp.post("/return")
def come_back():
    """Answer again at once, where the time for it has come."""
    recontact.follow(db.session, g.visit, request.form.get("role"), now=utc_now())
    return redirect(url_for(".index"), 303)


@bp.post("/again")
def again():
    """Begin once more from the other perspective."""
    start.answer_again(db.session, g.visit.id, request.form.get("role"), now=utc_now())
    return redirect(url_for(".index"), 303)


@bp.get("/stop")
def stop():
    """How to stop now, come back, or clear this device."""
    return render_template(
        "respond/stop.html",
        assessment=g.assessment,
        days=UNSENT_DAYS,
        device=device_question() if g.assessment else None,
        hours=current_app.config["PROM"].respondent_session_hours,
    )
