"""The coordinator's choice of other measures that a campaign gives beside its form."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import current_user

from .. import bank
from ..auth.access import admit, within_reach
from ..errors import InvalidAnswers
from ..extensions import db
from ..models import Campaign
from .companion_choice import give

bp = Blueprint("companions", __name__, url_prefix="/campaigns/<int:campaign_id>/beside")
bp.before_request(admit())


@bp.get("/")
def show(campaign_id, problems=None):
    """The measures that there are, and those that are given."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "campaigns/companions.html",
        campaign=campaign,
        measures=bank.companions(),
        problems=problems or {},
    )


@bp.post("/")
def choose(campaign_id):
    """Give these measures from now on."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        give(
            db.session,
            campaign,
            request.form.getlist("measure"),
            actor=f"staff:{current_user.id}",
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)
