"""The coordinator's pages of messages: the plan, what it would send, what it says."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_security import current_user
from sqlalchemy import select

from ..assessments import few_asked
from ..assessments.reminders import listed
from ..auth.access import admit, within_reach
from ..database import utc_now
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Campaign, Contact
from ..sent_once import makes_once
from . import composing, mailings, message_plans, own_box, presenter, texts

bp = Blueprint("messages", __name__, url_prefix="/campaigns/<int:campaign_id>/messages")
bp.before_request(admit())


def actor():
    return f"staff:{current_user.id}"


def to(endpoint, campaign, **values):
    return redirect(url_for(endpoint, campaign_id=campaign.id, **values), 303)


@bp.get("/")
def show(campaign_id, problems=None):
    """How the plan stands, how many messages there are, and what comes next."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    plan, now = message_plans.plan_of(db.session, campaign), utc_now()
    is_told = plan and _may_tell(plan)
    ahead = message_plans.preview(db.session, plan, now=now) if is_told else None
    counts = presenter.counts(db.session, campaign)
    return render_template(
        "messaging/show.html",
        campaign=campaign,
        plan=plan,
        is_beginning=plan and presenter.is_beginning(plan, counts, now),
        state=plan and presenter.state_of(plan),
        counts=counts,
        by_step=presenter.step_counts(db.session, campaign),
        ahead=ahead,
        picture=ahead and presenter.picture(ahead.counts),
        rows=ahead and presenter.rows_of(ahead.counts),
        waiting=mailings.waiting(db.session, campaign, now=now),
        mailings=mailings.mailings_of(db.session, campaign),
        statuses=presenter.STATUSES,
        channels=presenter.STEP_CHANNELS,
        kinds=texts.KINDS,
        ways=texts.CHANNELS,
        problems=problems or {},
    )


def _may_tell(plan):
    """Whether who is left on the list tells of no one person who has answered."""
    return not (plan.started_at and few_asked.are_few(db.session, plan.campaign))


@bp.post("/")
def make(campaign_id):
    """The usual plan, to be looked at, changed or begun."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    message_plans.make(db.session, campaign, actor=actor(), now=utc_now())
    return to(".show", campaign)


@bp.get("/plan")
def edit(campaign_id, problems=None):
    """The plan, to be changed."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "messaging/plan.html",
        campaign=campaign,
        plan=_plan(campaign),
        places=range(1, message_plans.MOST_STEPS + 1),
        steps={step.number: step for step in _plan(campaign).steps},
        channels=presenter.STEP_CHANNELS,
        letters_by=presenter.LETTERS_BY,
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/plan")
def save(campaign_id):
    """Keep the plan as it was typed."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    plan = _plan(campaign)
    try:
        message_plans.change(db.session, plan, _wanted(), actor=actor(), now=utc_now())
    except InvalidAnswers as problem:
        return edit(campaign_id, problem.problems), 422
    return to(".show", campaign)


def _wanted():
    sent = request.form
    numbers = {
        name: sent.get(name, type=int)
        for name in ("from_hour", "until_hour", "most", "within_days")
    }
    steps = [
        (
            sent.get(f"days-{n}", type=int),
            sent.get(f"channel-{n}", ""),
            sent.get(f"by-{n}", "print"),
            f"form-{n}" in sent,
        )
        for n in range(1, message_plans.MOST_STEPS + 1)
        if sent.get(f"channel-{n}")
    ]
    return message_plans.Wanted(
        starts_on=_date(sent.get("starts_on", "")),
        on_weekends="on_weekends" in sent,
        steps=steps,
        **numbers,
    )


def _date(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _plan(campaign):
    plan = message_plans.plan_of(db.session, campaign)
    if plan is None:
        raise NotFound()
    return plan


@bp.post("/begin")
def begin(campaign_id):
    """Let the plan run."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        message_plans.begin(db.session, _plan(campaign), actor=actor(), now=utc_now())
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return to(".show", campaign)


@bp.post("/pause")
def pause(campaign_id):
    """Let nothing more go for now."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    message_plans.pause(db.session, _plan(campaign), actor=actor(), now=utc_now())
    return to(".show", campaign)


@bp.get("/words/<kind>/<channel>/<language>")
def words(campaign_id, kind, channel, language, problems=None):
    """What one kind of message says, as a real person of the list would get it."""
    campaign = _known(campaign_id, kind, channel, language)
    held = texts.words_of(db.session, campaign, kind, channel, language)
    typed = texts.Words(
        held.ref,
        request.form.get("subject", held.subject),
        request.form.get("body", held.body),
    )
    contact = _somebody(campaign, language)
    example = contact and composing.example(campaign, contact, typed, channel)
    grade = texts.grade_of(example["text"]) if example and example["text"] else None
    return render_template(
        "messaging/words.html",
        campaign=campaign,
        kind=kind,
        channel=channel,
        language=language,
        words=typed,
        is_own=texts.is_own(db.session, campaign, kind, channel, language),
        example=example,
        grade=grade,
        limit=texts.LIMIT,
        own_box=own_box.carrier_here() if channel == "email" else None,
        places=texts.places_for(channel),
        kinds=texts.KINDS,
        ways=texts.CHANNELS,
        problems=problems or {},
    )


@bp.post("/words/<kind>/<channel>/<language>")
def keep_words(campaign_id, kind, channel, language):
    """Keep the campaign's own words; what was sent stays as it was."""
    campaign = _known(campaign_id, kind, channel, language)
    try:
        texts.keep(
            db.session,
            campaign,
            kind,
            channel,
            language,
            subject=request.form.get("subject", ""),
            body=request.form.get("body", ""),
            actor=actor(),
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        return words(campaign_id, kind, channel, language, problem.problems), 422
    here = {"kind": kind, "channel": channel, "language": language}
    return to(".words", campaign, **here)


@bp.post("/words/<kind>/<channel>/<language>/test")
@makes_once
def send_test(campaign_id, kind, channel, language):
    """Send a test of an e-mail to the asker's own box."""
    campaign = _known(campaign_id, kind, channel, language)
    contact = _somebody(campaign, language)
    if channel != "email" or contact is None:
        raise NotFound()
    held = texts.words_of(db.session, campaign, kind, channel, language)
    asked = {"to": current_user, "now": utc_now()}
    try:
        own_box.send(db.session, campaign, contact, held, **asked)
    except InvalidAnswers as problem:
        return words(campaign_id, kind, channel, language, problem.problems), 422
    flash(f"A test is on its way to {current_user.email}. It may take a minute.")
    here = {"kind": kind, "channel": channel, "language": language}
    return to(".words", campaign, **here)


@bp.post("/seen")
def seen(campaign_id):
    """Say that the message was read, as a person of the list gets it."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    texts.note_seen(db.session, campaign, actor=actor(), now=utc_now())
    return to("life.show" if campaign.is_draft else ".show", campaign)


def _known(campaign_id, kind, channel, language):
    campaign = within_reach(db.session, Campaign, campaign_id)
    if (kind, channel) not in texts.USUAL or language not in campaign.languages:
        raise NotFound()
    return campaign


def _somebody(campaign, language):
    """The first person of the list who reads this language, or any."""
    asked = select(Contact).where(listed(campaign)).order_by(Contact.id)
    same = db.session.scalar(asked.where(Contact.language == language).limit(1))
    return same or db.session.scalar(asked.limit(1))
