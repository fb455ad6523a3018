"""The coordinator's pages: campaigns, how many answered, and ways in."""

from flask import (
    Blueprint,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_security import current_user
from sqlalchemy import select

from ..assessments import few_asked, notice_slots
from ..assessments.comment_counts import unread_comments
from ..assessments.queries import n_in_spite, n_submitted
from ..auth.access import admit, campaign_ids, within_reach
from ..database import utc_now, writes
from ..downloads import spreadsheet
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Campaign, Trust
from ..sent_once import makes_once
from . import check_list, exposure_export, overview, services

bp = Blueprint("campaigns", __name__, url_prefix="/campaigns")
bp.before_request(admit())


@bp.get("/")
def index(problems=None):
    """The campaigns of the person's trusts, and a form for another."""
    campaigns = db.session.scalars(
        select(Campaign)
        .where(Campaign.id.in_(campaign_ids(db.session)))
        .order_by(Campaign.opens_at.desc())
    ).all()
    now = utc_now()
    trusts = db.session.scalars(select(Trust).where(Trust.id.in_(g.trust_ids))).all()
    families = services.forms(made_up=any(t.is_demonstration for t in trusts))
    return render_template(
        "campaigns/index.html",
        campaigns=campaigns,
        trusts=trusts,
        forms=families,
        titles=services.family_titles(families),
        languages=services.languages(families),
        problems=problems or {},
        typed=request.form,
        states={c.id: c.state(now) for c in campaigns},
        lacking={c.id for c in campaigns if notice_slots.empty(c.notice)},
        unread=unread_comments(db.session, [c.id for c in campaigns], now=now),
    )


@bp.post("/")
@makes_once
def create():
    """Make a campaign for all teams of a trust; then what is left to do for it."""
    trust_id = request.form.get("trust", min(g.trust_ids, default=0), type=int)
    if trust_id not in g.trust_ids:
        raise NotFound()
    try:
        campaign = services.create(
            db.session,
            db.session.get(Trust, trust_id),
            title=request.form.get("title", ""),
            form=request.form.get("form"),
            item_order=request.form.get("item_order", "as_printed"),
            length=request.form.get("length", type=int),
            languages=request.form.getlist("languages") or ["en"],
            asks_contacts="asks_contacts" in request.form,
            actor=actor(),
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        return index(problem.problems), 422
    return redirect(url_for("life.show", campaign_id=campaign.id), 303)


@bp.get("/<int:campaign_id>")
def show(campaign_id):
    """One campaign: how many have answered, and everything that can be done."""
    campaign, now = within_reach(db.session, Campaign, campaign_id), utc_now()
    return render_template(
        "campaigns/show.html",
        campaign=campaign,
        state=campaign.state(now),
        counts=_counts(campaign),
        are_few=few_asked.are_few(db.session, campaign),
        least=few_asked.LEAST,
        n_again=sum(
            n_submitted(db.session, campaign, perspective, is_again=True)
            for perspective in campaign.perspectives
        ),
        n_in_spite=n_in_spite(db.session, campaign),
        groups=overview.groups(db.session, campaign),
        empty=notice_slots.empty(campaign.notice),
        lines=_left_to_do(campaign),
        unread=unread_comments(db.session, [campaign.id], now=now),
    )


def _counts(campaign):
    """How many answered, by perspective unless that tells of few people."""
    if few_asked.are_few(db.session, campaign):
        return []
    rows = services.counts(db.session, campaign)
    if not few_asked.tells_of_few(db.session, campaign):
        return rows
    return [("all", *map(sum, zip(*(row[1:] for row in rows))))] if rows else []


def _left_to_do(campaign):
    """The list of what comes before a draft opens; nothing where it is none."""
    if not campaign.is_draft:
        return []
    return check_list.lines(db.session, campaign, now=utc_now())


@bp.get("/<int:campaign_id>/exposure/<perspective>.csv")
@writes
def download_exposure(campaign_id, perspective):
    """How often each item of an adaptive form was given, as CSV; it is noted."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    text = exposure_export.exposure_csv(
        db.session, campaign, perspective, actor=actor()
    )
    return spreadsheet(text, f"exposure-{campaign.id}-{perspective}.csv")


def actor():
    return f"staff:{current_user.id}"
