"""The coordinator's page of paper: addresses, forms to print, letters, previews."""

from flask import (
    Blueprint,
    Response,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_security import current_user

from ..assessments.labels import PERSPECTIVES
from ..auth.access import admit, within_reach
from ..database import utc_now
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..file_limits import LETTERS, FileRefused
from ..models import Campaign
from ..uploads import sent, takes
from . import copies, letters, print_options, printing, reprint

bp = Blueprint("printing", __name__, url_prefix="/campaigns/<int:campaign_id>/paper")
bp.before_request(admit())


@bp.get("/")
def show(campaign_id, problems=None):
    """What can be printed of a campaign, and what was."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return render_template(
        "paper/show.html",
        campaign=campaign,
        offered=print_options.offered(campaign),
        people={name: PERSPECTIVES[name].many for name in campaign.perspectives},
        editions=print_options.NAMES,
        languages=print_options.all_languages(campaign),
        printed=copies.printed_of(db.session, campaign),
        past_runs=reprint.past_runs(db.session, campaign),
        one_copy=reprint.ONE_COPY,
        most=printing.MOST_COPIES,
        columns=letters.COLUMNS,
        limit=LETTERS,
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/addresses")
def save_addresses(campaign_id):
    """Keep what paper says of where to send it and whom to ask."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        print_options.save_addresses(
            db.session,
            campaign,
            return_address=request.form.get("return_address", ""),
            contact=request.form.get("contact", ""),
            actor=_actor(),
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems), 422
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.post("/forms")
def print_forms(campaign_id):
    """Make copies and hand over the PDF, this once."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        run = printing.print_forms(
            db.session,
            campaign,
            request.form.get("n", 0, type=int),
            choice_in(request.form),
            actor=_actor(),
            now=utc_now(),
            team_id=request.form.get("team", type=int),
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems | {"form": "forms"}), 422
    return as_pdf(run.pdf, f"forms-{run.layouts[0].form_id}.pdf")


@bp.post("/again")
def print_again(campaign_id):
    """Make copies in place of lost ones, whose codes are closed by it."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        run = reprint.print_again(
            db.session,
            campaign,
            request.form.get("which", ""),
            request.form.get("serial", ""),
            is_lost="is_lost" in request.form,
            actor=_actor(),
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems | {"form": "again"}), 422
    return as_pdf(run.pdf, f"forms-{run.layouts[0].form_id}.pdf")


@bp.post("/letters")
@takes(file=LETTERS)
def print_letters(campaign_id):
    """Make a letter to each person of a list; the list itself is kept nowhere."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    try:
        run = letters.print_letters(
            db.session,
            campaign,
            _sent_list(),
            choice_in(request.form),
            actor=_actor(),
            now=utc_now(),
            with_forms="with_forms" in request.form,
        )
    except InvalidAnswers as problem:
        return show(campaign_id, problem.problems | {"form": "letters"}), 422
    return as_pdf(run.pdf, "letters.pdf")


def _sent_list():
    """The list of names and addresses; InvalidAnswers where there is none to read."""
    try:
        file = sent("file")
    except FileRefused as problem:
        raise InvalidAnswers(
            {letters.FILE: f"The list cannot be used: {problem}"}
        ) from None
    if file is None:
        raise InvalidAnswers({letters.FILE: "Choose a file with names and addresses"})
    return file


@bp.get("/letters.csv")
def empty_list(campaign_id):
    """A list with its columns, to be filled in."""
    within_reach(db.session, Campaign, campaign_id)
    headers = {"Content-Disposition": 'attachment; filename="letters.csv"'}
    return Response(letters.template_csv(), mimetype="text/csv", headers=headers)


@bp.get("/preview")
def preview(campaign_id):
    """A form as somebody would get it, marked as a preview; stored nowhere."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    choice = choice_in(request.args)
    if not print_options.is_known(campaign, choice):
        raise NotFound()
    pdf = printing.specimen(db.session, campaign, choice, now=utc_now())
    return as_pdf(pdf, "preview.pdf", disposition="inline")


@bp.get("/layouts/<form_id>.json")
def layout(campaign_id, form_id):
    """What stands where on a form of which this campaign has copies."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    for form, _ in copies.printed_of(db.session, campaign):
        if form.form_id == form_id:
            return jsonify(form.layout)
    raise NotFound()


def choice_in(sent):
    """Who a form is for, in which language and edition, as a browser sends it."""
    return print_options.Choice(
        sent.get("perspective", ""),
        sent.get("language", "en"),
        sent.get("edition", "standard"),
    )


def as_pdf(pdf, name, *, disposition="attachment"):
    """A file for the printer, that no cache keeps."""
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'{disposition}; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _actor():
    return f"staff:{current_user.id}"
