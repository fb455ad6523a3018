"""The coordinator's pages of open links: made, printed as posters, closed."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import current_user

from .. import print_files
from ..auth.access import admit, within_reach
from ..database import utc_now
from ..errors import InvalidAnswers
from ..extensions import db
from ..models import Campaign
from ..sent_once import makes_once
from . import link_lists, posters, services

bp = Blueprint(
    "open_links", __name__, url_prefix="/campaigns/<int:campaign_id>/open-links"
)
bp.before_request(admit())


@bp.get("/")
def show(campaign_id):
    """The open links of a campaign, and what was made to print."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "campaigns/open_links.html",
        campaign=campaign,
        links=services.open_links(db.session, campaign),
        waiting=print_files.waiting(db.session, campaign, "posters", "open_links"),
    )


@bp.get("/new")
def new(campaign_id, problems=None):
    """What a link is for, and for which team."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "campaigns/new_open_link.html",
        campaign=campaign,
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/new")
@makes_once
def make(campaign_id):
    """Make a link for many; it is on the page that follows."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        made = services.make_open_link(
            db.session,
            campaign,
            actor=_actor(),
            now=utc_now(),
            label=request.form.get("label", "")[:200].strip() or "Open link",
            team_id=request.form.get("team", type=int),
        )
    except InvalidAnswers as problem:
        return new(campaign_id, problem.problems), 422
    return redirect(link_lists.address_of(made), 303)


@bp.get("/<int:invitation_id>")
def one(campaign_id, invitation_id, problems=None):
    """One open link: print it, or close it."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "campaigns/open_link.html",
        campaign=campaign,
        link=services.open_link_of(db.session, campaign, invitation_id),
        sizes=posters.SIZES,
        opens_here_alone=posters.opens_here_alone(),
        problems=problems or {},
    )


@bp.post("/<int:invitation_id>/poster")
@makes_once
def print_poster(campaign_id, invitation_id):
    """Make a poster or cards; their file can be had on the page that follows."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        made = posters.print_poster(
            db.session,
            campaign,
            invitation_id,
            request.form.get("size", ""),
            actor=_actor(),
            now=utc_now(),
            anyway="anyway" in request.form,
        )
    except InvalidAnswers as problem:
        return one(campaign_id, invitation_id, problem.problems), 422
    there = url_for("printing.made", campaign_id=campaign_id, file_id=made.id)
    return redirect(there, 303)


@bp.get("/<int:invitation_id>/close")
def confirm_close(campaign_id, invitation_id):
    """Say what closing one way in does, before it is closed."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    link = services.open_link_of(db.session, campaign, invitation_id)
    return render_template("campaigns/confirm_close.html", campaign=campaign, link=link)


@bp.post("/<int:invitation_id>/close")
def close(campaign_id, invitation_id):
    """Close one way in."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    services.close_open_link(
        db.session, campaign, invitation_id, actor=_actor(), now=utc_now()
    )
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


def _actor():
    return f"staff:{current_user.id}"
