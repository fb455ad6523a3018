"""The coordinator's page of thanks: what is given, to whom it is due, who has it."""

from flask import Blueprint, render_template, request

from ..assessments.reminders import LEAST_AT_ONCE
from ..auth.access import admit, within_reach
from ..csv_cells import csv_text, neutral
from ..database import utc_now, writes
from ..downloads import spreadsheet
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Campaign
from . import thanks_list
from .views import actor, to

bp = Blueprint("thanks", __name__, url_prefix="/campaigns/<int:campaign_id>/thanks")
bp.before_request(admit())


@bp.get("/")
@writes
def show(campaign_id, problems=None, which=None):
    """How many are due and given, and the first people of a filter."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    which, now = which or request.args.get("which", "due"), utc_now()
    if which not in thanks_list.FILTERS:
        raise NotFound()
    lines = []
    if campaign.thanks:
        lines = thanks_list.lines(db.session, campaign, which, now=now, actor=actor())
    return render_template(
        "messaging/thanks.html",
        campaign=campaign,
        which=which,
        filters=thanks_list.FILTERS,
        counts=thanks_list.counts(db.session, campaign, now=now),
        lines=lines,
        shown=thanks_list.SHOWN,
        least=LEAST_AT_ONCE,
        problems=problems or {},
    )


@bp.post("/")
def name_what(campaign_id):
    """Say what the campaign gives, or that it gives nothing."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    text = request.form.get("thanks", "")
    try:
        thanks_list.name_what(db.session, campaign, text, actor=actor())
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return to(".show", campaign)


@bp.post("/given")
def give(campaign_id):
    """Note that those who are ticked were given theirs."""
    return _mark(campaign_id, "due", thanks_list.give)


@bp.post("/taken-back")
def take_back(campaign_id):
    """Note that those who are ticked were not given theirs after all."""
    return _mark(campaign_id, "given", thanks_list.take_back)


def _mark(campaign_id, which, mark):
    campaign = within_reach(db.session, Campaign, campaign_id)
    ticked = request.form.getlist("person", type=int)
    try:
        mark(db.session, campaign, ticked, actor=actor(), now=utc_now())
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems, which), 422
    return to(".show", campaign, which=which)


@bp.get("/thanks.csv")
@writes
def table(campaign_id):
    """Everybody who is due thanks or was given them, as a file."""
    campaign, now = within_reach(db.session, Campaign, campaign_id), utc_now()
    rows = [["name", "address", "given on"]]
    for which in thanks_list.FILTERS if campaign.thanks else ():
        told = thanks_list.lines(
            db.session, campaign, which, now=now, actor=actor(), most=None
        )
        rows += [
            [neutral(line.name), neutral(line.address), line.given_on] for line in told
        ]
    return spreadsheet(csv_text(rows), "thanks.csv")
