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

from .. import downloads, print_files, second_look
from ..assessments.labels import PERSPECTIVES
from ..auth.access import admit, within_reach
from ..database import utc_now, writes
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..file_limits import LETTERS, FileRefused
from ..models import Campaign, Mailing
from ..sent_once import makes_once
from ..uploads import sent, takes
from . import address_list, copies, letters, print_options, printing, reprint

bp = Blueprint("printing", __name__, url_prefix="/campaigns/<int:campaign_id>/paper")
bp.before_request(admit())
# What has its page here, whichever page it was made on.
PRINTED = ("forms", "letters", "posters")


@bp.get("/")
def show(campaign_id):
    """What can be done with paper, how far it is, and what was printed."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    runs = reprint.past_runs(db.session, campaign)
    printed = copies.printed_of(db.session, campaign)
    return _page(
        "paper/show.html",
        campaign,
        offered=print_options.offered(campaign),
        printed=printed,
        n_printed=sum(n for _, n in printed),
        n_unused=sum(len(run.copies) for run in runs),
        has_addresses=print_options.has_addresses(campaign),
        lacks_notices=print_options.lacks_notices(campaign),
        waiting=print_files.waiting(db.session, campaign, *print_files.OF_COPIES),
        kinds=print_files.KINDS,
    )


def _page(template, campaign, **values):
    return render_template(
        template,
        **{
            "campaign": campaign,
            "people": {name: PERSPECTIVES[name].many for name in campaign.perspectives},
            "editions": print_options.NAMES,
            "languages": print_options.all_languages(campaign),
            "problems": {},
            "typed": request.form,
        }
        | values,
    )


@bp.get("/addresses")
def addresses(campaign_id, problems=None):
    """Where forms go back to, and how people reach the trust."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    return _page("paper/addresses.html", campaign, problems=problems or {})


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
        return addresses(campaign_id, problem.problems), 422
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@bp.get("/forms")
def forms(campaign_id, problems=None):
    """One choice after another, then how many."""
    return _next_step(campaign_id, "forms", problems, most=printing.MOST_COPIES)


@bp.get("/letters")
def letters_to_print(campaign_id, problems=None):
    """One choice after another, then the list."""
    columns, limit = address_list.COLUMNS, LETTERS
    return _next_step(campaign_id, "letters", problems, columns=columns, limit=limit)


def _next_step(campaign_id, what, problems, **values):
    """The page of the first choice that is open; the last one makes what is chosen."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    step = print_options.next_step(campaign, request.values)
    return _page(
        f"paper/{what}.html" if step.asks is None else "paper/choose.html",
        campaign,
        what=what,
        endpoint={"forms": ".forms", "letters": ".letters_to_print"}[what],
        step=step,
        has_addresses=print_options.has_addresses(campaign),
        lacks_notices=print_options.lacks_notices(campaign),
        problems=problems or {},
        **values,
    )


@bp.post("/forms")
@makes_once
def print_forms(campaign_id):
    """Make copies; their file can be had on the page that follows."""
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
            keeps_file=True,
        )
    except InvalidAnswers as problem:
        return forms(campaign_id, problem.problems), 422
    return _to_made(campaign_id, run)


@bp.get("/again")
def again(campaign_id, problems=None):
    """Which paper was lost; and once that is chosen, what printing again closes."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    which = request.values.get("which", "")
    serial = request.values.get("serial", "")
    lost, place = reprint.lost_copies(db.session, campaign, which, serial)
    if which and not lost:
        problems = (problems or {}) | {place: reprint.why_not(which)}
    return _page(
        "paper/lost.html" if lost else "paper/again.html",
        campaign,
        lost=lost,
        past_runs=reprint.past_runs(db.session, campaign),
        one_copy=reprint.ONE_COPY,
        which=which,
        serial=serial,
        problems=problems or {},
    )


@bp.post("/again")
@makes_once
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
            keeps_file=True,
        )
    except InvalidAnswers as problem:
        return again(campaign_id, problem.problems), 422
    return _to_made(campaign_id, run)


def _to_made(campaign_id, run):
    there = url_for(".made", campaign_id=campaign_id, file_id=run.file_id)
    return redirect(there, 303)


@bp.get("/made/<int:file_id>")
def made(campaign_id, file_id):
    """What was made: its file, until somebody says that it is printed."""
    run = _run(campaign_id, file_id)
    return _page(
        "paper/made.html",
        run.campaign,
        run=run,
        kept=print_files.KEPT,
        one=print_files.KINDS[run.carrier],
        closed=print_files.closed_copies(db.session, run),
    )


@bp.get("/made/<int:file_id>/file")
@writes
def file_of(campaign_id, file_id):
    """The file for the printer; that somebody had it is noted."""
    run = _run(campaign_id, file_id)
    file = print_files.get(db.session, run, actor=_actor(), now=utc_now())
    if file is None:
        raise NotFound()
    return as_pdf(file.content, file.name)


@bp.get("/made/<int:file_id>/printed")
def confirm_printed(campaign_id, file_id):
    """Say that a file is gone for good, before it is."""
    run = _run(campaign_id, file_id)
    here = {"campaign_id": campaign_id, "file_id": file_id}
    return second_look.ask(
        "Delete this file?",
        ["It cannot be had again: what was not printed has to be made anew."],
        f"{'They are' if run.n > 1 else 'It is'} printed: delete the file",
        there=url_for(".is_printed", **here),
        back=(url_for(".made", **here), "The file"),
        caption=run.campaign.title,
        campaign=run.campaign,
    )


@bp.post("/made/<int:file_id>")
def is_printed(campaign_id, file_id):
    """Say that they are printed: the file goes."""
    run = _run(campaign_id, file_id)
    print_files.finish(db.session, run, actor=_actor(), now=utc_now())
    there = "open_links.show" if run.carrier == "posters" else ".show"
    return redirect(url_for(there, campaign_id=campaign_id), 303)


def _run(campaign_id, file_id):
    campaign = within_reach(db.session, Campaign, campaign_id)
    run = within_reach(db.session, Mailing, file_id)
    if run.campaign_id != campaign.id or run.carrier not in PRINTED:
        raise NotFound()
    return run


@bp.post("/letters")
@takes(file=LETTERS)
@makes_once
def print_letters(campaign_id):
    """Make a letter to each person of a list; names are in the letters alone."""
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
            keeps_file=True,
        )
    except InvalidAnswers as problem:
        return letters_to_print(campaign_id, problem.problems), 422
    return _to_made(campaign_id, run)


def _sent_list():
    """The list of names and addresses; InvalidAnswers where there is none to read."""
    try:
        file = sent("file")
    except FileRefused as problem:
        raise InvalidAnswers(
            {address_list.FILE: f"The list cannot be used: {problem}"}
        ) from None
    if file is None:
        raise InvalidAnswers(
            {address_list.FILE: "Choose a file with names and addresses"}
        )
    return file


@bp.get("/letters.csv")
def empty_list(campaign_id):
    """A list with its columns, to be filled in."""
    within_reach(db.session, Campaign, campaign_id)
    return downloads.file_of(address_list.template_csv(), "text/csv", "letters.csv")


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
