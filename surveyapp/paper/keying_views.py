"""Pages for keying paper forms twice, and the coordinator's for what differs."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_security import current_user
from sqlalchemy import select

from .. import second_look, throttle
from ..assessments import personal_code
from ..auth.access import admit, campaign_ids, within_reach
from ..database import utc_now
from ..errors import InvalidAnswers, NotAllowed, NotFound
from ..extensions import db
from ..links import is_code
from ..models import Campaign, KeyedForm
from ..sent_once import makes_once
from . import error_rate, keying, reconciliation
from . import keying_presenter as presenter
from .keying_sheet import sheet_of

bp = Blueprint("keying", __name__, url_prefix="/keying")
bp.before_request(admit())
SETTLED = ("agreed", "no_consent", "superseded", "removed")
LATEST = 25


@bp.get("/")
def queue(problems=None):
    """Forms to key, to key again and to resolve; and a box for the number of one."""
    me, reach = current_user.id, campaign_ids(db.session)
    done = keying.forms(db.session, reach, *SETTLED)
    return render_template(
        "keying/queue.html",
        to_key=presenter.lines(keying.forms(db.session, reach, "first", "second"), me),
        to_resolve=presenter.lines(keying.forms(db.session, reach, "differences"), me),
        done=presenter.lines(done[-LATEST:][::-1], me),
        n_done=len(done),
        campaigns=_campaigns(reach),
        problems=problems or {},
        typed=request.form,
    )


def _campaigns(reach):
    query = select(Campaign).where(Campaign.id.in_(reach))
    return db.session.scalars(query.order_by(Campaign.opens_at.desc())).all()


@bp.post("/")
def begin():
    """Find what the number on the paper belongs to, and begin the first reading."""
    try:
        found = _find_paper(request.form.get("code", ""))
        form = _begin(found[0].campaign, found)
    except InvalidAnswers as problem:
        return queue(problem.problems), 422
    return _to_page(form, 1)


def _find_paper(typed):
    """What a number belongs to; a wrong one that could be right counts as a guess."""
    if not is_code(typed):
        raise InvalidAnswers({"code": keying.NOT_A_CODE})
    place = throttle.place_of(request.remote_addr)
    guess = ("form_code", f"staff:{current_user.id}", place)
    with throttle.counted(db.session, *guess, now=utc_now(), wrong=InvalidAnswers):
        return keying.find_paper(db.session, typed, campaign_ids(db.session))


@bp.post("/without-number")
@makes_once
def begin_without_number():
    """Begin with a form that has no number: campaign, team and who are asked for."""
    campaign_id = request.form.get("campaign", 0, type=int)
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        form = _begin(campaign, ())
    except InvalidAnswers as problem:
        return queue(problem.problems), 422
    return _to_page(form, 1)


def _begin(campaign, found):
    return keying.begin(
        db.session,
        campaign,
        found=found,
        perspective=request.form.get("perspective"),
        team_id=request.form.get("team", type=int),
        keyer_id=current_user.id,
        now=utc_now(),
    )


@bp.post("/<int:form_id>/claim")
def claim(form_id):
    """Begin the second reading, or carry on with a reading under way."""
    form = _form(form_id)
    try:
        if form.stage == "second":
            form = keying.claim(db.session, form_id, keyer_id=current_user.id)
    except NotAllowed:  # the form's page says who has it
        return redirect(url_for(".show", form_id=form_id), 303)
    return _to_page(form, 1)


@bp.get("/<int:form_id>")
def show(form_id):
    """Where a form stands, and what is to be done with the paper."""
    form = _form(form_id)
    assessment = form.assessment
    invitation = form.invitation
    printed = invitation and (invitation.promised_receipt or invitation.paper_code_hash)
    shown = personal_code.shown(assessment) if assessment and not printed else None
    return render_template(
        "keying/form.html",
        form=form,
        line=presenter.lines([form], current_user.id)[0],
        says=presenter.STAGES[form.stage],
        receipt=shown and shown.code,
    )


@bp.get("/<int:form_id>/page/<int:page>")
def show_page(form_id, page, problems=None):
    """One page of the paper, as this person has read it so far."""
    form = _form(form_id)
    if form.reader() != current_user.id:
        return redirect(url_for(".show", form_id=form_id), 303)
    sheet = sheet_of(form)
    if sheet.page(page) is None:
        raise NotFound()
    sent = request.form if request.method == "POST" else None
    return render_template(
        "keying/page.html",
        form=form,
        page=sheet.page(page),
        number=page,
        n_pages=len(sheet.pages),
        asked=presenter.asked(sheet.page(page), form.reading(), sent, problems or {}),
        problems=problems or {},
    )


@bp.post("/<int:form_id>/page/<int:page>")
def save_page(form_id, page):
    """Store what was read; then the next page, or after the last where it stands."""
    form = _form(form_id)
    try:
        following = keying.save_page(
            db.session,
            form_id,
            page,
            request.form,
            keyer_id=current_user.id,
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        return show_page(form_id, page, problem.problems), 422
    if following is None:
        return redirect(url_for(".show", form_id=form_id), 303)
    return _to_page(form, following)


@bp.get("/<int:form_id>/differences")
def differences(form_id, problems=None):
    """Both readings side by side, for a third look at the paper."""
    form = _form(form_id)
    if form.stage != "differences":
        return redirect(url_for(".show", form_id=form_id), 303)
    keyers = (form.first_keyer_id, form.second_keyer_id)
    return render_template(
        "keying/differences.html",
        form=form,
        differences=presenter.compared(
            sheet_of(form), form, request.form, problems or {}
        ),
        reasons=reconciliation.REASONS,
        needs_note=current_user.id in keyers,
        note=request.form.get("note", ""),
        problems=problems or {},
    )


@bp.post("/<int:form_id>/differences")
def resolve(form_id):
    """Settle every difference at once."""
    if _form(form_id).stage == "differences":
        try:
            reconciliation.adjudicate(
                db.session,
                form_id,
                request.form,
                resolver_id=current_user.id,
                now=utc_now(),
            )
        except InvalidAnswers as problem:
            return differences(form_id, problem.problems), 422
    return redirect(url_for(".show", form_id=form_id), 303)


@bp.get("/<int:form_id>/hand-back")
def confirm_hand_back(form_id):
    """Say what is deleted before a reading is given up or begun anew."""
    form = _form(form_id)
    line = presenter.lines([form], current_user.id)[0]
    if line.may not in ("carry_on", "take_over"):
        raise NotFound()
    there = url_for(".show", form_id=form_id)
    return second_look.ask(
        "Delete this reading?",
        ["What was keyed in it goes, and cannot be brought back.", *_who_begins(line)],
        "Delete this reading",
        there=url_for(".hand_back", form_id=form_id),
        back=(there, f"Form {form_id}"),
        caption=form.campaign.title,
        trust=form.campaign.trust,
    )


def _who_begins(line):
    if line.may == "carry_on":
        return ["The paper can be keyed anew, by you or by somebody else."]
    return ["You can key it anew. Ask first whether they are at it just now."]


@bp.post("/<int:form_id>/hand-back")
def hand_back(form_id):
    """Give up a reading under way, or take over somebody else's."""
    _form(form_id)
    keying.hand_back(db.session, form_id, actor_id=current_user.id)
    return redirect(url_for(".show", form_id=form_id), 303)


@bp.get("/<int:form_id>/remove")
def confirm_remove(form_id, problems=None):
    """Ask why a form must not count, and say what is deleted."""
    form = _form(form_id)
    if form.settled_at:
        raise NotFound()
    return render_template(
        "keying/remove.html",
        form=form,
        removals=keying.REMOVALS,
        problems=problems or {},
    )


@bp.post("/<int:form_id>/remove")
def remove(form_id):
    """Delete a form that must not count."""
    _form(form_id)
    asked = {"actor_id": current_user.id, "now": utc_now()}
    try:
        keying.remove(db.session, form_id, request.form.get("why"), **asked)
    except InvalidAnswers as problem:
        return confirm_remove(form_id, problem.problems), 422
    return redirect(url_for(".show", form_id=form_id), 303)


@bp.get("/rates")
def rates():
    """How often two readings differed, by month and by the two who read."""
    found = error_rate.rates(db.session, campaign_ids(db.session))
    return render_template("keying/rates.html", rates=found)


def _form(form_id):
    return within_reach(db.session, KeyedForm, form_id)


def _to_page(form, number):
    return redirect(url_for(".show_page", form_id=form.id, page=number), 303)
