"""The coordinator's page of the personal links that were made."""

import secrets

from flask import Blueprint, redirect, render_template, request, url_for

from ..auth.access import admit, within_reach
from ..database import utc_now
from ..errors import InvalidAnswers
from ..extensions import db
from ..models import Campaign
from . import personal_links
from .views import actor, is_sent_again, list_once, made_before

bp = Blueprint("links", __name__, url_prefix="/campaigns/<int:campaign_id>/links")
bp.before_request(admit())


@bp.get("/")
def show(campaign_id, problems=None):
    """The links by the list that they were made on, with boxes to tick."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "campaigns/personal_links.html",
        campaign=campaign,
        batches=personal_links.batches(db.session, campaign),
        is_closed=personal_links.is_closed,
        name_of=personal_links.name_of,
        problems=problems or {},
    )


@bp.post("/<any(close,anew):act>/choose")
def choose(campaign_id, act):
    """Go on to the second look, with an address that has room for hundreds of links."""
    within_reach(db.session, Campaign, campaign_id)
    chosen = personal_links.in_short(_ticked()) or None
    there = url_for(".confirm", campaign_id=campaign_id, act=act, link=chosen)
    return redirect(there, 303)


@bp.get("/<any(close,anew):act>/confirm")
def confirm(campaign_id, act):
    """Say which links close before they do."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    meant = personal_links.from_short(request.args.get("link", ""))
    try:
        chosen = personal_links.open_ones(db.session, campaign, meant)
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return render_template(
        "campaigns/confirm_links.html",
        campaign=campaign,
        act=act,
        there=url_for(
            {"close": ".close", "anew": ".make_anew"}[act], campaign_id=campaign_id
        ),
        chosen=chosen,
        name_of=personal_links.name_of,
        once=secrets.token_urlsafe(9),
    )


@bp.post("/close")
def close(campaign_id):
    """Close the links that are ticked."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        personal_links.close(
            db.session, campaign, _ticked(), actor=actor(), now=utc_now()
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.post("/anew")
def make_anew(campaign_id):
    """New links in place of those that are ticked, shown this once, to print."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    if is_sent_again():
        return made_before(campaign)
    try:
        made = personal_links.make_anew(
            db.session, campaign, _ticked(), actor=actor(), now=utc_now()
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return list_once(campaign, made)


def _ticked():
    return request.form.getlist("link", type=int)
