"""The researcher's pages of validation runs."""

import base64
import hashlib
import json
import re

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_security import current_user
from sqlalchemy import select

from ...auth.access import admit, campaign_ids, within_reach
from ...database import utc_now, writes
from ...downloads import file_of
from ...errors import InvalidAnswers, NotFound
from ...extensions import db
from ...file_limits import PLAN, POPULATION, FileRefused
from ...models import Campaign, Job, ValidationRun
from ...sent_once import makes_once
from ...uploads import sent, takes
from . import (
    attachments,
    campaign_plan,
    choices,
    comparison,
    form,
    presenter,
    report_files,
    services,
)

bp = Blueprint("runs", __name__, url_prefix="/research")
bp.before_request(admit())

LIMITS = {"plan": PLAN, "population": POPULATION}
STYLE = re.compile(r"<style>(.*?)</style>", re.S)
# A report is looked at without scripts, forms or any other origin, as if it came
# from a stranger; its own stylesheet is let in by its hash.
SANDBOX = (
    "sandbox; default-src 'none'; img-src data:; style-src {}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@bp.get("/runs/")
def index():
    """The runs within reach, newest first, and a way to compare two."""
    found = services.runs(db.session, campaign_ids(db.session))
    done = [run for run in found if run.job.is_done]
    return render_template(
        "runs/index.html", runs=found, done=done, words=presenter.WORDS
    )


@bp.get("/campaigns/<int:campaign_id>/runs/<perspective>")
def new(campaign_id, perspective):
    """The choices for a run on one campaign's answers."""
    return _form(_campaign(campaign_id, perspective), perspective, request.args)


@bp.post("/campaigns/<int:campaign_id>/runs/<perspective>")
@takes(**LIMITS)
@makes_once
def start(campaign_id, perspective):
    """Ask for a run with what was chosen and attached."""
    campaign = _campaign(campaign_id, perspective)
    problems, _ = _attach(campaign, perspective)
    asked = form.of(db.session, campaign, perspective, request.form)
    if asked.plan is not None and asked.plan.problem and asked.counts != "none":
        problems.setdefault("plan", [asked.plan.problem])
    try:
        chosen = choices.parse(
            request.form, asked.offered, asked.settled, groups=asked.groups
        )
    except InvalidAnswers as problem:
        problems |= problem.problems
    if problems:
        return _form(campaign, perspective, request.form, problems), 422
    return _ask(campaign, perspective, chosen, asked.attached)


@bp.post("/campaigns/<int:campaign_id>/runs/<perspective>/attach")
@takes(**LIMITS)
def attach(campaign_id, perspective):
    """Check and hold a plan or a population table for the next runs."""
    campaign = _campaign(campaign_id, perspective)
    problems, files = _attach(campaign, perspective)
    if not problems and not any(files.values()):
        problems = {"plan": ["Choose a file to attach"]}
    if problems:
        return _form(campaign, perspective, request.form, problems), 422
    return _to_form(campaign, perspective)


@bp.post("/campaigns/<int:campaign_id>/runs/<perspective>/remove/<kind>")
def remove(campaign_id, perspective, kind):
    """Hold a plan or a population table no longer."""
    campaign = _campaign(campaign_id, perspective)
    attachments.remove(db.session, campaign, perspective, kind, user=current_user)
    return _to_form(campaign, perspective)


@bp.get("/campaigns/<int:campaign_id>/runs/<perspective>/held/<kind>")
def held(campaign_id, perspective, kind):
    """A plan or a population table as it was handed in."""
    campaign = _campaign(campaign_id, perspective)
    found = attachments.held(db.session, campaign, perspective).get(kind)
    if found is None:
        raise NotFound()
    return _file(attachments.content(found), attachments.MEDIA[kind], found.usual_name)


@bp.get("/campaigns/<int:campaign_id>/runs/<perspective>/plan-to-fill-in.yaml")
def plan_to_fill_in(campaign_id, perspective):
    """A commented plan with the scales and columns of this campaign."""
    campaign = _campaign(campaign_id, perspective)
    text = campaign_plan.plan_to_fill_in(campaign, perspective)
    name = f"plan-{campaign.id}-{perspective}.yaml"
    return _file(text.encode(), attachments.MEDIA["plan"], name)


@bp.get("/runs/<int:run_id>")
def show(run_id):
    """How far a run is, and what came of it."""
    run = _run(run_id)
    running = select(Job.id).where(Job.status == "running").limit(1)
    report = _report(run) if run.job.is_done else None
    return render_template(
        "runs/show.html",
        run=run,
        state=presenter.state(
            run.job, now=utc_now(), is_any_running=db.session.scalar(running)
        ),
        about=presenter.about(run),
        attached=presenter.attached(run),
        typed=choices.Choices.from_kept(run.choices).typed(),
        kept=presenter.kept(run),
        outcomes=presenter.outcomes(report) if report else (),
    )


@bp.post("/runs/<int:run_id>/cancel")
def cancel(run_id):
    """End a run that is not over."""
    run = _run(run_id)
    services.cancel(db.session, run, user=current_user, now=utc_now())
    return redirect(url_for(".show", run_id=run.id), 303)


@bp.post("/runs/<int:run_id>/again")
@makes_once
def again(run_id):
    """Ask for the same once more, on the answers of now."""
    run = _run(run_id)
    chosen = choices.Choices.from_kept(run.choices)
    return _ask(run.campaign, run.perspective, chosen, run.attachments)


@bp.get("/runs/<int:run_id>/delete")
def confirm_delete(run_id):
    """Ask whether a run is really to be deleted."""
    return render_template("runs/delete.html", run=_run(run_id))


@bp.post("/runs/<int:run_id>/delete")
def delete(run_id):
    """Delete a run and its report."""
    services.delete(db.session, _run(run_id), user=current_user)
    return redirect(url_for(".index"), 303)


@bp.get("/runs/<int:run_id>/report")
@writes
def report(run_id):
    """The report as a page, which can do nothing and reach nothing."""
    body = services.read(db.session, _run(run_id), "report.html", user=current_user)
    hashes = [_hash(style) for style in STYLE.findall(body.decode())]
    g.policy = SANDBOX.format(" ".join(hashes) or "'none'")
    return Response(body, mimetype="text/html")


@bp.get("/runs/<int:run_id>/files/<name>")
@writes
def download(run_id, name):
    """One file of a report, to keep."""
    run = _run(run_id)
    if name not in report_files.MEDIA:
        raise NotFound()
    body = services.read(db.session, run, name, user=current_user)
    return _file(body, report_files.MEDIA[name], f"run-{run.id}-{name}")


@bp.get("/runs/<int:run_id>/attached/<kind>")
@writes
def attached(run_id, kind):
    """The plan or the population table that a run was asked for with."""
    run = _run(run_id)
    found, body = services.read_attached(db.session, run, kind, user=current_user)
    return _file(body, attachments.MEDIA[kind], f"run-{run.id}-{found.usual_name}")


@bp.get("/runs/compare")
def compare():
    """Two runs side by side."""
    first, second = (_run(request.args.get(n, type=int)) for n in ("first", "second"))
    if not (first.job.is_done and second.job.is_done):
        raise NotFound()
    n, least = comparison.n_changed(db.session, first, second), _least()
    if 0 < n < least:
        return render_template("runs/too_alike.html", runs=(first, second), least=least)
    found = comparison.compare(first, second, [_report(first), _report(second)])
    return render_template("runs/compare.html", runs=(first, second), found=found)


def _least():
    return current_app.config["PROM"].suppress_below


def _campaign(campaign_id, perspective):
    campaign = within_reach(db.session, Campaign, campaign_id)
    if perspective not in campaign.perspectives:
        raise NotFound()
    return campaign


def _run(run_id):
    if run_id is None:
        raise NotFound()
    return within_reach(db.session, ValidationRun, run_id)


def _form(campaign, perspective, typed, problems=None):
    shown = form.of(db.session, campaign, perspective, typed, problems)
    return render_template("runs/new.html", form=shown, choices=choices, limits=LIMITS)


def _attach(campaign, perspective):
    """Hold what was sent; what is wrong with it, and the files themselves, by kind."""
    problems, files = {}, {}
    for kind in LIMITS:
        try:
            files[kind] = sent(kind)
        except FileRefused as problem:
            problems[kind] = [f"{problem}"]
    who_and_when = {"user": current_user, "now": utc_now()}
    wrong = attachments.hold_all(
        db.session, campaign, perspective, files, **who_and_when
    )
    return problems | wrong, files


def _to_form(campaign, perspective):
    """Back to the form, with all that was typed in it."""
    typed = form.again(request.form)
    here = {"campaign_id": campaign.id, "perspective": perspective}
    return redirect(url_for(".new", **here, **typed, _anchor="plan-and-table"), 303)


def _ask(campaign, perspective, chosen, attached):
    run = services.ask(
        db.session,
        campaign,
        perspective,
        chosen,
        attached=attached,
        user=current_user,
        now=utc_now(),
    )
    return redirect(url_for(".show", run_id=run.id), 303)


def _file(body, media, name):
    """A file to keep, which a browser neither shows nor runs."""
    g.policy = SANDBOX.format("'none'")
    return file_of(body, media, name)


def _report(run):
    return json.loads(report_files.content(run, "report.json"))


def _hash(style):
    digest = hashlib.sha256(style.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
