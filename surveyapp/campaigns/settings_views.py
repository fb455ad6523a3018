"""The coordinator's page of what a campaign is: names, dates, teams, ways, texts."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import current_user

from ..assessments.few_asked import may_have_begun
from ..auth.access import admit, within_reach
from ..database import utc_now
from ..errors import InvalidAnswers
from ..extensions import db
from ..models import Campaign
from . import services, settings

bp = Blueprint("settings", __name__, url_prefix="/campaigns/<int:campaign_id>/settings")
bp.before_request(admit())


@bp.get("/")
def show(campaign_id, problems=None):
    """The campaign as it is, in a form."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    state = campaign.state(utc_now())
    refs = [chosen.instrument for chosen in campaign.instruments]
    return render_template(
        "campaigns/settings.html",
        campaign=campaign,
        state=state,
        has_begun=may_have_begun(db.session, campaign),
        given=_given() if request.method == "POST" else _held(campaign),
        forms=services.titles(campaign),
        modes=settings.MODE_WORDS,
        languages=services.languages_of(refs) if refs else {},
        problems=problems or {},
    )


@bp.post("/")
def save(campaign_id):
    """Keep what was changed."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        settings.save(
            db.session,
            campaign,
            _given(),
            actor=f"staff:{current_user.id}",
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return redirect(url_for("life.show", campaign_id=campaign_id), 303)


def day_of(field):
    """The day in a field of the form sent; None where it is empty or none."""
    try:
        return date.fromisoformat(request.form.get(field, ""))
    except ValueError:
        return None


def _given():
    texts = ("title", "headline", "item_order", "return_address", "contact")
    return {
        **{name: request.form.get(name, "") for name in texts},
        "opens": day_of("opens"),
        "closes": day_of("closes"),
        "teams": request.form.getlist("teams", type=int),
        "modes": request.form.getlist("modes"),
        "languages": request.form.getlist("languages"),
        "length": request.form.get("length", type=int),
        "n_wanted": request.form.get("n_wanted", type=int),
        "asks_contacts": "asks_contacts" in request.form,
    }


def _held(campaign):
    texts = ("title", "headline", "item_order", "return_address", "contact")
    held = (*texts, "modes", "languages", "n_wanted", "asks_contacts")
    return {
        **{name: getattr(campaign, name) for name in held},
        "opens": settings.first_day(campaign),
        "closes": settings.last_day(campaign),
        "teams": [team.id for team in campaign.teams],
        "length": campaign.booklet_length,
    }
