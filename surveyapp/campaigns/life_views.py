"""The coordinator's page of a campaign's life: what is left to do, and every act."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_security import current_user

from ..auth.access import admit, within_reach
from ..database import utc_now
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Campaign
from ..sent_once import makes_once
from . import check_list, life, next_wave, settings
from .settings_views import day_of

bp = Blueprint("life", __name__, url_prefix="/campaigns/<int:campaign_id>/life")
bp.before_request(admit())


@bp.get("/")
def show(campaign_id, problems=None):
    """What is left before it opens, what may be done now, and its other waves."""
    campaign, now = within_reach(db.session, Campaign, campaign_id), utc_now()
    before, after = next_wave.chain(db.session, campaign)
    return render_template(
        "campaigns/life.html",
        campaign=campaign,
        state=campaign.state(now),
        lines=check_list.lines(db.session, campaign, now=now),
        acts=life.may(campaign, now),
        last_day=settings.last_day(campaign),
        before=before,
        after=after,
        problems=problems or {},
        typed=request.form,
    )


@bp.get("/<act>/confirm")
def confirm(campaign_id, act):
    """Ask once more before what stops people, or cannot be undone."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    if act not in ("close", "delete") or act not in life.may(campaign, utc_now()):
        raise NotFound()
    return render_template("campaigns/confirm_act.html", campaign=campaign, act=act)


@bp.post("/<act>")
def perform(campaign_id, act):
    """Open it, pause it, close it, and so on; messages come next once it is open."""
    campaign, now = within_reach(db.session, Campaign, campaign_id), utc_now()
    if act not in life.DO:
        raise NotFound()
    try:
        life.perform(
            db.session,
            campaign,
            act,
            actor=_actor(),
            now=now,
            reason=request.form.get("reason", ""),
            closes_at=settings.midnight_after(day_of("closes")),
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    goes_on = "messages.show" if act == "open" and campaign.asks_contacts else ".show"
    return redirect(url_for(goes_on, campaign_id=campaign_id), 303)


@bp.post("/delete")
def delete(campaign_id):
    """Delete a draft."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    title = campaign.title
    try:
        life.delete_draft(db.session, campaign, actor=_actor(), now=utc_now())
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    flash(f"The draft {title} was deleted.")
    return redirect(url_for("campaigns.index"), 303)


@bp.post("/clone")
@makes_once
def clone(campaign_id):
    """Make the next wave: a draft with all that was chosen here."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    title = request.form.get("title", "")
    try:
        made = next_wave.clone(
            db.session, campaign, title=title, actor=_actor(), now=utc_now()
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return redirect(url_for("settings.show", campaign_id=made.id), 303)


def _actor():
    return f"staff:{current_user.id}"
