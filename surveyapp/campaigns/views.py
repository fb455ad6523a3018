"""The coordinator's pages: campaigns, how many answered, and ways in."""

import secrets

from flask import (
    Blueprint,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_security import current_user
from sqlalchemy import select

from ..assessments import notice_slots
from ..assessments.comment_counts import unread_comments
from ..assessments.queries import n_in_spite, n_submitted
from ..auth.access import admit, campaign_ids, within_reach
from ..database import utc_now
from ..downloads import file_of, spreadsheet
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Campaign, Trust
from . import check_list, exposure_export, posters, services
from .companion_choice import titles as companion_titles

MOST_REMEMBERED = 20  # forms that made a list, in the cookie of whoever sent them
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
def create():
    """Make a campaign for all teams of a trust."""
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
    return redirect(url_for(".show", campaign_id=campaign.id), 303)


@bp.get("/<int:campaign_id>")
def show(campaign_id, problems=None):
    """One campaign: how many have answered, its links, and a form for more."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    by_status, open_links = services.invitations(db.session, campaign)
    return render_template(
        "campaigns/show.html",
        campaign=campaign,
        counts=services.counts(db.session, campaign),
        n_again=sum(
            n_submitted(db.session, campaign, perspective, is_again=True)
            for perspective in campaign.perspectives
        ),
        n_in_spite=n_in_spite(db.session, campaign),
        by_status=by_status,
        open_links=open_links,
        companion_titles=companion_titles(campaign),
        adaptive=exposure_export.adaptive_perspectives(campaign),
        empty=notice_slots.empty(campaign.notice),
        lines=_left_to_do(campaign),
        unread=unread_comments(db.session, [campaign.id], now=utc_now()),
        problems=problems or {},
        typed=request.form,
        now=utc_now(),
        opens_here_alone=posters.opens_here_alone(),
        once=secrets.token_urlsafe(9),
    )


def _left_to_do(campaign):
    """The list of what comes before a draft opens; nothing where it is none."""
    if not campaign.is_draft:
        return []
    return check_list.lines(db.session, campaign, now=utc_now())


@bp.post("/<int:campaign_id>/open-links")
def make_open_link(campaign_id):
    """Make a link for many, and show it this once."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    if is_sent_again():
        return made_before(campaign)
    try:
        made = services.make_open_link(
            db.session,
            campaign,
            actor=actor(),
            label=request.form.get("label", "")[:200].strip() or "Open link",
            team_id=request.form.get("team", type=int),
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems | {"form": "team-open"}), 422
    return list_once(campaign, [made])


@bp.post("/<int:campaign_id>/personal-links")
def make_personal_links(campaign_id):
    """Make links for as many people, and show the list this once, to print."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    if is_sent_again():
        return made_before(campaign)
    try:
        made = services.make_personal_links(
            db.session,
            campaign,
            request.form.get("n", 0, type=int),
            actor=actor(),
            team_id=request.form.get("team", type=int),
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems | {"form": "team-personal"}), 422
    return list_once(campaign, made)


@bp.get("/<int:campaign_id>/links/<int:invitation_id>/cancel")
def confirm_cancel(campaign_id, invitation_id):
    """Say what closing one way in does, before it is closed."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    link = services.link_of(db.session, campaign, invitation_id)
    return render_template(
        "campaigns/confirm_cancel.html", campaign=campaign, link=link
    )


@bp.post("/<int:campaign_id>/links/<int:invitation_id>/cancel")
def cancel(campaign_id, invitation_id):
    """Close one way in."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    services.cancel(db.session, campaign, invitation_id, actor=actor())
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.post("/<int:campaign_id>/links/<int:invitation_id>/poster")
def print_poster(campaign_id, invitation_id):
    """A poster or cards of an open link, with a link and code made for this print."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    size = request.form.get("size", "")
    try:
        pdf = posters.poster_pdf(
            db.session,
            campaign,
            invitation_id,
            size,
            actor=actor(),
            now=utc_now(),
            anyway="anyway" in request.form,
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    name = f"{size}-{campaign.id}-{invitation_id}.pdf"
    return file_of(pdf, "application/pdf", name)


@bp.get("/<int:campaign_id>/links/<int:invitation_id>/poster")
def after_poster(campaign_id, invitation_id):
    """Whoever reloads the address of the file is back at the campaign."""
    within_reach(db.session, Campaign, campaign_id)
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.post("/<int:campaign_id>/exposure")
def download_exposure(campaign_id):
    """How often each item of an adaptive form was given, as CSV."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    perspective = request.form.get("perspective")
    text = exposure_export.exposure_csv(
        db.session, campaign, perspective, actor=actor()
    )
    return spreadsheet(text, f"exposure-{campaign.id}-{perspective}.csv")


def is_sent_again():
    """Whether this very form was sent before, as by reloading the list it made."""
    return request.form.get("once", "") in session.get("lists_made", ())


def made_before(campaign):
    flash("That list was made already, and no second one. Make another if you need it.")
    return redirect(url_for(".show", campaign_id=campaign.id), 303)


def list_once(campaign, ways):
    """The secrets, which nothing can show again; reloading makes no second list."""
    if request.form.get("once"):
        made = [*session.get("lists_made", ()), request.form["once"][:20]]
        session["lists_made"] = made[-MOST_REMEMBERED:]
    return render_template("campaigns/links.html", campaign=campaign, ways=ways)


def actor():
    return f"staff:{current_user.id}"
