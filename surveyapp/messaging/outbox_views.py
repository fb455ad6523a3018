"""The coordinator's pages of the outbox: how messages went, and letters to post."""

from flask import Blueprint, Response, render_template, request, url_for
from flask_security import current_user

from ..auth.access import admit, within_reach
from ..database import utc_now, writes
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Campaign, Mailing, Message
from ..plurals import counted
from ..sent_once import makes_once
from . import mailings, outbox, presenter
from .views import actor, to

bp = Blueprint("outbox", __name__, url_prefix="/campaigns/<int:campaign_id>/outbox")
bp.before_request(admit())


@bp.get("/")
def show(campaign_id, problems=None):
    """The messages of a status, newest first, with what can be done."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    status = request.args.get("status", "uncertain")
    if status not in presenter.STATUSES:
        raise NotFound()
    return render_template(
        "messaging/outbox.html",
        campaign=campaign,
        status=status,
        counts=presenter.counts(db.session, campaign),
        statuses=presenter.STATUSES,
        messages=presenter.listed(db.session, campaign, status),
        shown=presenter.SHOWN,
        problems=problems or {},
    )


def _settle(went):
    def act(message):
        outbox.settle(db.session, message, went, actor=actor(), now=utc_now())

    return act


def _again(message):
    outbox.try_again(db.session, message, actor=actor(), now=utc_now())


def _back(message):
    outbox.came_back(db.session, message, actor=actor(), now=utc_now())


def _anew(message):
    outbox.print_anew(db.session, message, actor=actor(), now=utc_now())


ACTS = {"went": _settle(True), "not": _settle(False), "again": _again, "back": _back}
ACTS["anew"] = _anew


@bp.post("/<int:message_id>/<what>")
@makes_once
def act(campaign_id, message_id, what):
    """Settle an uncertain message, send a failed one again, note one that came back."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    message = db.session.get(Message, message_id)
    if message is None or message.campaign_id != campaign.id or what not in ACTS:
        raise NotFound()
    status = message.status
    try:
        ACTS[what](message)
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return to(".show", campaign, status=status)


@bp.get("/<int:message_id>/anew")
def confirm_anew(campaign_id, message_id):
    """Say what closes before a lost letter is printed anew."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    message = db.session.get(Message, message_id)
    is_letter = message is not None and message.channel == "print"
    if not is_letter or message.campaign_id != campaign.id:
        raise NotFound()
    there = url_for(".act", campaign_id=campaign_id, message_id=message_id, what="anew")
    return _second_look(campaign, "anew", there, f"Letter {message_id}")


@bp.get("/cancel")
def confirm_cancel(campaign_id):
    """Say how many are cancelled, before they are."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    n = presenter.counts(db.session, campaign)["due"]
    there = url_for(".cancel", campaign_id=campaign_id)
    return _second_look(campaign, "cancel", there, counted(n, "message"))


@bp.get("/mailings/<int:mailing_id>/given-up")
def confirm_give_up(campaign_id, mailing_id):
    """Say what closes before a mailing is given up."""
    made = _mailing(campaign_id, mailing_id)
    there = url_for(
        ".settle_mailing",
        campaign_id=campaign_id,
        mailing_id=mailing_id,
        what="given-up",
    )
    return _second_look(made.campaign, "given-up", there, counted(made.n, "message"))


def _second_look(campaign, what, there, of):
    return render_template(
        "messaging/confirm.html", campaign=campaign, what=what, there=there, of=of
    )


@bp.post("/cancel")
def cancel(campaign_id):
    """Cancel everything that is still to go."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    outbox.cancel_due(db.session, campaign, actor=actor(), now=utc_now())
    return to(".show", campaign, status="cancelled")


@bp.post("/mailings")
@makes_once
def make_mailing(campaign_id):
    """Have the letters, or the file, that are due made."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    carrier = request.form.get("carrier", "")
    if carrier not in mailings.CARRIERS:
        raise NotFound()
    try:
        made = mailings.ask_for(
            db.session, campaign, carrier, asked_by=current_user.id, now=utc_now()
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return to(".mailing", campaign, mailing_id=made.id)


@bp.get("/mailings/<int:mailing_id>")
def mailing(campaign_id, mailing_id, problems=None):
    """How far a mailing is; its files, and whom to take out of the pile."""
    made = _mailing(campaign_id, mailing_id)
    is_made = made.stage == "made"
    return render_template(
        "messaging/mailing.html",
        campaign=made.campaign,
        mailing=made,
        state=presenter.job_state(made),
        letters_by=presenter.LETTERS_BY,
        take_out=(
            mailings.to_take_out(db.session, made, now=utc_now()) if is_made else {}
        ),
        problems=problems or {},
    )


@bp.get("/mailings/<int:mailing_id>/<int:number>")
@writes
def download(campaign_id, mailing_id, number):
    """One file of a mailing; that somebody had it is noted."""
    made = _mailing(campaign_id, mailing_id)
    file = mailings.download(db.session, made, number, actor=actor(), now=utc_now())
    if file is None:
        raise NotFound()
    kind = "application/pdf" if file.name.endswith(".pdf") else "text/csv"
    answer = Response(file.content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/mailings/<int:mailing_id>/<what>")
def settle_mailing(campaign_id, mailing_id, what):
    """Say that all was posted, or give it up."""
    made = _mailing(campaign_id, mailing_id)
    done = {"posted": mailings.post, "given-up": mailings.give_up}.get(what)
    if done is None:
        raise NotFound()
    try:
        done(db.session, made, actor=actor(), now=utc_now())
    except InvalidAnswers as problem:
        return mailing(campaign_id, mailing_id, problem.problems), 422
    return to(".mailing", made.campaign, mailing_id=mailing_id)


def _mailing(campaign_id, mailing_id):
    campaign = within_reach(db.session, Campaign, campaign_id)
    made = within_reach(db.session, Mailing, mailing_id)
    if made.campaign_id != campaign.id or made.carrier not in mailings.CARRIERS:
        raise NotFound()
    return made
