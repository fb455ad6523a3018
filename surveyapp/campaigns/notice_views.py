"""The coordinator's page about what a campaign says in its notices."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import current_user

from .. import bank
from ..assessments import notice_slots, notices
from ..assessments.documents import paragraphs
from ..assessments.labels import PERSPECTIVES
from ..assessments.notices import Reader
from ..auth.access import admit, within_reach
from ..database import utc_now
from ..errors import InvalidAnswers
from ..extensions import db
from ..models import Campaign
from . import notice_services

bp = Blueprint("notices", __name__, url_prefix="/campaigns/<int:campaign_id>/notices")
bp.before_request(admit())

WAYS = {
    "web": "Online",
    "paper": "On paper",
    "telephone": "By telephone",
    "face_to_face": "Face to face",
    "letter": "In a letter",
}


@bp.get("/")
def show(campaign_id, problems=None):
    """Every slot with what it is for, and which are still empty."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    begun = notice_services.suggested(db.session, campaign)
    typed = request.form if request.method == "POST" else begun.slots
    return render_template(
        "campaigns/notices.html",
        campaign=campaign,
        slots=notice_slots.SLOTS,
        empty=notice_slots.empty(campaign.notice),
        typed=typed,
        is_research=(
            request.form.get("purpose") == "research"
            if request.method == "POST"
            else begun.is_research
        ),
        perspectives=PERSPECTIVES,
        ways=WAYS,
        problems=problems or {},
    )


@bp.post("/")
def save(campaign_id):
    """Keep what was typed; where nothing is empty a waiting campaign opens."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        notice_services.save(
            db.session,
            campaign,
            request.form,
            is_research=request.form.get("purpose") == "research",
            actor=f"staff:{current_user.id}",
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    # A draft goes on to what else is left to do before it opens.
    after = "life.show" if campaign.is_draft else ".show"
    return redirect(url_for(after, campaign_id=campaign_id), 303)


@bp.get("/preview")
def preview(campaign_id):
    """The notices as a perspective gets them, answering in one way."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    perspective = request.args.get("perspective")
    if perspective not in campaign.perspectives:
        perspective = campaign.perspectives[0]
    way = request.args.get("way") if request.args.get("way") in WAYS else "web"
    reader = Reader(
        perspective,
        mode="paper" if way == "letter" else way,
        is_letter=way == "letter",
    )
    form = bank.instrument(campaign.instrument_ref(perspective))
    return render_template(
        "campaigns/notices_preview.html",
        campaign=campaign,
        documents=[
            (document.title, [*paragraphs(document.body)])
            for document in notices.documents_of(campaign, form, reader)
        ],
        is_complete=notices.is_complete(campaign),
        perspective=perspective,
        way=way,
        ways=WAYS,
        perspectives=PERSPECTIVES,
    )
