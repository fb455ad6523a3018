"""The pages of those who were named to read what people write."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import current_user

from ..assessments.comment_counts import unread_comments
from ..assessments.labels import PERSPECTIVES
from ..auth.access import admit, within_reach
from ..database import utc_now
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Campaign, CommentProtocol
from . import comment_lists, comment_screen
from . import comment_services as services
from .comment_blocks import AUTHORS, comment_blocks
from .presenter import TITLES

bp = Blueprint("comments", __name__, url_prefix="/comments")
bp.before_request(admit())
FIELDS = ("version", "risk", "action", "decision", "edited", "why_held")


@bp.get("/")
def index():
    """The campaigns whose comments this person reads, and what waits in each."""
    campaigns = services.campaigns_of(db.session, current_user)
    counts = unread_comments(db.session, [c.id for c in campaigns], now=utc_now())
    return render_template("comments/index.html", campaigns=campaigns, counts=counts)


@bp.get("/campaigns/<int:campaign_id>")
def campaign(campaign_id):
    """The comments of one campaign: counts, a search, and each with how it stands."""
    mine = {c.id: c for c in services.campaigns_of(db.session, current_user)}
    if campaign_id not in mine:
        raise NotFound()
    asked = comment_lists.Asked.of(request.args)
    every = comment_lists.lines(db.session, mine[campaign_id], now=utc_now())
    found = comment_lists.search(every, asked)
    return render_template(
        "comments/campaign.html",
        campaign=mine[campaign_id],
        protocol=db.session.get(CommentProtocol, campaign_id),
        counts=comment_lists.counts(every),
        asked=asked,
        states=comment_lists.STATES,
        titles=_themes(),
        perspectives={name: each.one for name, each in PERSPECTIVES.items()},
        page=comment_lists.page_of(found, asked.page),
        n_found=len(found),
    )


@bp.get("/<int:comment_id>")
def show(comment_id, problems=None):
    """One comment with what the screen marks, and a form for what came of it."""
    comment = services.find(db.session, current_user, comment_id)
    reading = services.reading_of(db.session, comment)
    assessment = comment.assessment
    protocol = db.session.get(CommentProtocol, assessment.campaign_id)
    return render_template(
        "comments/show.html",
        comment=comment,
        campaign=assessment.campaign,
        who=PERSPECTIVES[assessment.perspective].one,
        parts=comment_screen.screen(comment.text),
        kinds=comment_screen.kinds(comment.text),
        agreed=services.agreed(comment),
        reading=reading,
        protocol=protocol,
        given=_given() if problems else _stored(comment, reading),
        titles=_themes(),
        problems=problems or {},
    )


@bp.post("/<int:comment_id>")
def save(comment_id):
    """Keep what came of a comment, and go on to the next that nobody has read."""
    comment = services.find(db.session, current_user, comment_id)
    campaign_id = comment.assessment.campaign_id
    try:
        services.save_reading(
            db.session, comment, _given(), user=current_user, now=utc_now()
        )
    except InvalidAnswers as problem:
        return show(comment_id, problem.problems), 422
    after = comment_lists.next_unread(db.session, campaign_id)
    if after is None:
        return redirect(url_for(".campaign", campaign_id=campaign_id), 303)
    return redirect(url_for(".show", comment_id=after), 303)


@bp.get("/blocks")
def blocks(problems=None):
    """Blocks of thirty people with comments for leads, and how each stands."""
    mine = services.campaigns_of(db.session, current_user)
    ids, trusts = {c.id for c in mine}, {c.trust_id: c.trust for c in mine}
    found = [
        (trust, block)
        for trust in trusts.values()
        for block in comment_blocks(db.session, trust.id)
        if services.campaigns_in(db.session, block) <= ids
    ]
    return render_template(
        "comments/blocks.html",
        blocks=found,
        teams={team.id: team.name for t in trusts.values() for team in t.teams},
        perspectives={name: each.many for name, each in PERSPECTIVES.items()},
        least=AUTHORS,
        problems=problems or {},
    )


@bp.post("/blocks/<int:block_id>/let-out")
def let_out(block_id):
    """Let leads read the comments of a block."""
    try:
        services.let_out(db.session, block_id, user=current_user, now=utc_now())
    except InvalidAnswers as problem:
        return blocks(problem.problems), 422
    return redirect(url_for(".blocks"), 303)


@bp.post("/blocks/<int:block_id>/take-back")
def take_back(block_id):
    """Let leads read the comments of a block no more."""
    services.take_back(db.session, block_id, user=current_user)
    return redirect(url_for(".blocks"), 303)


readers = Blueprint(
    "comment_readers", __name__, url_prefix="/campaigns/<int:campaign_id>/comments"
)
readers.before_request(admit())


@readers.get("/")
def show_readers(campaign_id, problems=None):
    """Who reads a campaign's comments, by when, and what they do in danger."""
    found = within_reach(db.session, Campaign, campaign_id)
    protocol = db.session.get(CommentProtocol, campaign_id)
    stored = {
        "steps": protocol.steps if protocol else "",
        "days": str(protocol.days) if protocol else "3",
        "reader": [str(u.id) for u in services.readers(db.session, found)],
    }
    typed = {
        "steps": request.form.get("steps", ""),
        "days": request.form.get("days", ""),
        "reader": request.form.getlist("reader"),
    }
    unread = unread_comments(db.session, [campaign_id], now=utc_now())
    return render_template(
        "comments/readers.html",
        campaign=found,
        people=services.candidates(db.session, found),
        given=typed if problems else stored,
        unread=unread.get(campaign_id),
        most_days=services.MOST_DAYS,
        problems=problems or {},
    )


@readers.post("/")
def name_readers(campaign_id):
    """Keep who reads, by when, and what they do."""
    found = within_reach(db.session, Campaign, campaign_id)
    try:
        services.name_readers(
            db.session,
            found,
            request.form.getlist("reader", type=int),
            steps=request.form.get("steps", ""),
            days=request.form.get("days", type=int),
            actor=f"staff:{current_user.id}",
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        return show_readers(campaign_id, problem.problems), 422
    after = "life.show" if found.is_draft else "campaigns.show"
    return redirect(url_for(after, campaign_id=campaign_id), 303)


def _given():
    """What the form of a comment holds."""
    given = {name: request.form.get(name, "") for name in FIELDS}
    given["themes"] = request.form.getlist("theme")
    given["checked"] = request.form.get("checked") == "yes"
    return given


def _stored(comment, reading):
    if reading is None:
        return {
            "version": 0,
            "risk": "",
            "decision": "undecided",
            "edited": comment.text,
            "themes": [],
        }
    return {name: getattr(reading, name) for name in (*FIELDS, "themes")} | {
        "edited": reading.edited or comment.text
    }


def _themes():
    return {name: text for name, text in TITLES.items() if name != "involvement"}
