"""The coordinator's page about asking again."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_security import current_user

from ..auth.access import admit, within_reach
from ..database import utc_now, writes
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Campaign
from ..sent_once import makes_once
from . import asking_again

bp = Blueprint("waves", __name__, url_prefix="/campaigns/<int:campaign_id>/waves")
bp.before_request(admit())


@bp.get("/")
def show(campaign_id, problems=None):
    """How each wave is going, and a form for another."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    minimum = current_app.config["PROM"].suppress_below
    return render_template(
        "campaigns/waves.html",
        campaign=campaign,
        counts=asking_again.counts(
            db.session, campaign, now=utc_now(), minimum=minimum
        ),
        minimum=minimum,
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/")
@makes_once
def add(campaign_id):
    """Ask once more, some days after the first answers."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        asking_again.add(
            db.session,
            campaign,
            kind=request.form.get("kind"),
            after_days=request.form.get("after_days", type=int),
            window_days=request.form.get("window_days", type=int),
            actor=f"staff:{current_user.id}",
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.get("/<int:number>/list")
@writes
def people(campaign_id, number):
    """Whom to write to: those who agreed to that; that somebody looked is noted."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    wave = next((w for w in campaign.waves if w.number == number), None)
    if wave is None:
        raise NotFound()
    listed = asking_again.due(
        db.session,
        campaign,
        wave,
        now=utc_now(),
        actor=f"staff:{current_user.id}",
    )
    return render_template(
        "campaigns/wave_list.html", campaign=campaign, wave=wave, listed=listed
    )
