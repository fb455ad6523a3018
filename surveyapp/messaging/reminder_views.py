"""The coordinator's page of who needs no reminder, as of a night."""

from flask import Blueprint, g, render_template, request

from ..assessments.reminders import LEAST_AT_ONCE, brought_up_at
from ..auth.access import admit, within_reach
from ..csv_cells import csv_text, neutral
from ..database import utc_now, writes
from ..downloads import spreadsheet
from ..errors import NotFound
from ..extensions import db
from ..models import Campaign
from . import reminder_list
from .views import actor

bp = Blueprint(
    "reminders", __name__, url_prefix="/campaigns/<int:campaign_id>/reminders"
)
bp.before_request(admit())


@bp.get("/")
@writes
def show(campaign_id):
    """How many need none, and the first people of a filter."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    which, now = request.args.get("which", "telephone"), utc_now()
    if which not in reminder_list.FILTERS:
        raise NotFound()
    return render_template(
        "messaging/reminders.html",
        campaign=campaign,
        which=which,
        filters=reminder_list.FILTERS,
        counts=reminder_list.counts(db.session, campaign, now=now),
        as_of=brought_up_at(db.session),
        shown=reminder_list.SHOWN,
        least=LEAST_AT_ONCE,
        sees_people=campaign.trust_id in g.trust_ids,
        lines=reminder_list.lines(db.session, campaign, which, now=now, actor=actor()),
    )


@bp.get("/reminders.csv")
@writes
def table(campaign_id):
    """Everybody whom the campaign asks, and who needs no reminder, as a file."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    told = reminder_list.all_lines(db.session, campaign, now=utc_now(), actor=actor())
    rows = [["name", "telephone", "preferred way", "needs a reminder"]]
    for line in told:
        answer = "no" if line.needs_none else "yes"
        cells = neutral(line.name), neutral(line.telephone), neutral(line.way)
        rows.append([*cells, answer])
    return spreadsheet(csv_text(rows), "reminders.csv")
