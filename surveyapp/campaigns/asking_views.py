"""The coordinator's choice of how a campaign asks."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import current_user

from ..assessments.few_asked import may_have_begun
from ..auth.access import admit, within_reach
from ..errors import InvalidAnswers
from ..extensions import db
from ..models import Campaign
from . import asking

bp = Blueprint("asking", __name__, url_prefix="/campaigns/<int:campaign_id>/asking")
bp.before_request(admit())


@bp.get("/")
def show(campaign_id, problems=None):
    """Statements a page, and the variants that there are."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "campaigns/asking.html",
        campaign=campaign,
        per_page=asking.PER_PAGE,
        splits=asking.splits(campaign),
        has_begun=may_have_begun(db.session, campaign),
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/")
def choose(campaign_id):
    """Ask so from now on."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        asking.choose(
            db.session,
            campaign,
            per_page=request.form.get("per_page", type=int),
            variant=request.form.get("variant", campaign.split_ballot),
            actor=f"staff:{current_user.id}",
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)
