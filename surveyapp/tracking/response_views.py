"""The coordinator's page of who has answered: numbers, never people."""

from flask import Blueprint, render_template

from ..auth.access import admit, within_reach
from ..csv_cells import csv_text, neutral
from ..database import utc_now
from ..downloads import spreadsheet
from ..extensions import db
from ..models import Campaign
from . import break_off, response_funnel, response_picture

bp = Blueprint(
    "responses", __name__, url_prefix="/campaigns/<int:campaign_id>/responses"
)
bp.before_request(admit())


@bp.get("/")
def show(campaign_id):
    """The funnel as a picture and tables, where people stopped, and their time."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    now = utc_now()
    found = response_funnel.funnel_of(db.session, campaign, now=now)
    bars, height = response_picture.draw(found)
    stopped = break_off.break_off_of(db.session, campaign)
    stretches, tall = response_picture.draw_break_off(stopped)
    return render_template(
        "responses/show.html",
        campaign=campaign,
        funnel=found,
        bars=bars,
        height=height,
        place=response_picture,
        stages=response_funnel.STAGES,
        dimensions=response_funnel.DIMENSIONS,
        least=response_funnel.LEAST,
        stopped=stopped,
        stretches=stretches,
        tall=tall,
        days=break_off.UNSENT_DAYS,
        times=break_off.times_of(db.session, campaign),
    )


@bp.get("/responses.csv")
def table(campaign_id):
    """The same numbers as a file."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    found = response_funnel.funnel_of(db.session, campaign, now=utc_now())
    rows = [["by", "which", *response_funnel.STAGES]]
    tables = {"all": [found.total], **found.by}
    for name, held in tables.items():
        for row in held:
            cells = ["" if n is None else n for n in row.counts.values()]
            rows.append([name, neutral(row.name), *cells])
    return spreadsheet(csv_text(rows), "responses.csv")
