"""The coordinator's pages of personal links: made, looked for, closed, made anew."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import current_user

from .. import print_files, second_look
from ..auth.access import admit, within_reach
from ..database import utc_now, writes
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Campaign, Mailing
from ..paging import page_of
from ..plurals import counted
from ..sent_once import makes_once
from . import link_lists, personal_links, services
from .ways_in import is_closed

bp = Blueprint("links", __name__, url_prefix="/campaigns/<int:campaign_id>/links")
bp.before_request(admit())


@bp.get("/")
def show(campaign_id, problems=None):
    """Lists of links as they were made; and the links of one, with boxes to tick."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    batches, wanted = personal_links.batches(db.session, campaign), _wanted()
    found = personal_links.on_list(batches, wanted)
    still_open = [link.id for link in found if not is_closed(link)]
    number = request.args.get("page", 1, type=int)
    return render_template(
        "campaigns/personal_links.html",
        campaign=campaign,
        batches=page_of(batches, 1 if wanted else number),
        waiting=link_lists.named(print_files.waiting(db.session, campaign, "links")),
        wanted=wanted,
        found=page_of(found, number if wanted else 1),
        n_open=len(still_open),
        all_open=personal_links.in_short(still_open),
        is_closed=is_closed,
        name_of=personal_links.name_of,
        problems=problems or {},
    )


def _wanted():
    return request.args.get("find", "")[:40]


@bp.get("/new")
def new(campaign_id, problems=None):
    """For how many people, and of which team."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "campaigns/new_personal_links.html",
        campaign=campaign,
        most=services.MOST_LINKS,
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/new")
@makes_once
def make(campaign_id):
    """Make links for as many people; their list is on the page that follows."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        made = services.make_personal_links(
            db.session,
            campaign,
            request.form.get("n", 0, type=int),
            actor=_actor(),
            now=utc_now(),
            team_id=request.form.get("team", type=int),
        )
    except InvalidAnswers as problem:
        return new(campaign_id, problem.problems), 422
    return redirect(link_lists.address_of(made), 303)


@bp.get("/made/<int:file_id>")
@writes
def made(campaign_id, file_id):
    """A list of links to print or copy; that somebody looked at it is noted."""
    run = _run(campaign_id, file_id)
    file = print_files.get(db.session, run, actor=_actor(), now=utc_now())
    ways = link_lists.read(file) if file else []
    return render_template(
        "campaigns/links.html",
        campaign=run.campaign,
        run=run,
        shown=link_lists.shown(db.session, ways),
        kept=print_files.KEPT,
    )


@bp.get("/made/<int:file_id>/printed")
def confirm_printed(campaign_id, file_id):
    """Say that a list is gone for good, before it is."""
    run = _run(campaign_id, file_id)
    here = {"campaign_id": campaign_id, "file_id": file_id}
    return second_look.ask(
        "Delete this list?",
        [
            f"{counted(run.n, 'link')} cannot be shown again after that.",
            "What is open stays open. A link that was not printed is made anew.",
        ],
        "It is printed: delete the list",
        there=url_for(".is_printed", **here),
        back=(url_for(".made", **here), "The list"),
        caption=run.campaign.title,
        campaign=run.campaign,
    )


@bp.post("/made/<int:file_id>")
def is_printed(campaign_id, file_id):
    """Say that a list is printed: it goes."""
    run = _run(campaign_id, file_id)
    print_files.finish(db.session, run, actor=_actor(), now=utc_now())
    return redirect(url_for(".made", campaign_id=campaign_id, file_id=file_id), 303)


def _run(campaign_id, file_id):
    campaign = within_reach(db.session, Campaign, campaign_id)
    run = within_reach(db.session, Mailing, file_id)
    if run.campaign_id != campaign.id or run.carrier not in link_lists.KINDS:
        raise NotFound()
    return run


@bp.post("/<any(close,anew):act>/choose")
def choose(campaign_id, act):
    """Go on to the second look, with an address that has room for hundreds of links."""
    within_reach(db.session, Campaign, campaign_id)
    chosen = request.form.get("all") or personal_links.in_short(_ticked()) or None
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
    )


@bp.post("/close")
def close(campaign_id):
    """Close the links that are ticked."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        personal_links.close(
            db.session, campaign, _ticked(), actor=_actor(), now=utc_now()
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.post("/anew")
@makes_once
def make_anew(campaign_id):
    """New links in place of those that are ticked; their list follows."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        made = personal_links.make_anew(
            db.session, campaign, _ticked(), actor=_actor(), now=utc_now()
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return redirect(link_lists.address_of(made), 303)


def _ticked():
    return request.form.getlist("link", type=int)


def _actor():
    return f"staff:{current_user.id}"
