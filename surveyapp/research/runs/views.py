"""The researcher's pages of validation runs."""

import base64
import hashlib
import json
import re

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask_security import current_user
from sqlalchemy import select

from ...auth.access import admit, within_reach
from ...database import utc_now, writes
from ...errors import InvalidAnswers, NotFound
from ...extensions import db
from ...models import Campaign, Job, ValidationRun
from ..export import n_submitted
from . import choices, comparison, files, presenter, services

bp = Blueprint("runs", __name__, url_prefix="/research")
bp.before_request(admit("researcher"))

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
    found = services.runs(db.session, g.trust_ids)
    done = [run for run in found if run.job.is_done]
    return render_template(
        "runs/index.html", runs=found, done=done, words=presenter.WORDS
    )


@bp.get("/campaigns/<int:campaign_id>/runs/<perspective>")
def new(campaign_id, perspective, problems=None):
    """The choices for a run on one campaign's answers."""
    campaign = _campaign(campaign_id, perspective)
    offered = services.prerequisites(campaign, perspective)
    typed = request.form if request.method == "POST" else None
    return render_template(
        "runs/new.html",
        campaign=campaign,
        perspective=perspective,
        n=n_submitted(db.session, campaign, perspective),
        offered=offered,
        chosen=typed.getlist("scales") if typed is not None else offered,
        typed=typed or {},
        choices=choices,
        problems=problems or {},
    )


@bp.post("/campaigns/<int:campaign_id>/runs/<perspective>")
def start(campaign_id, perspective):
    """Ask for a run with what was chosen."""
    campaign = _campaign(campaign_id, perspective)
    offered = services.prerequisites(campaign, perspective)
    try:
        chosen = choices.parse(request.form, offered)
    except InvalidAnswers as problem:
        return new(campaign_id, perspective, problem.problems), 422
    return _ask(campaign, perspective, chosen)


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
def again(run_id):
    """Ask for the same once more, on the answers of now."""
    run = _run(run_id)
    chosen = choices.Choices.from_kept(run.choices)
    return _ask(run.campaign, run.perspective, chosen)


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
    if name not in files.MEDIA:
        raise NotFound()
    body = services.read(db.session, run, name, user=current_user)
    g.policy = SANDBOX.format("'none'")
    kept_as = f"run-{run.id}-{name}"
    return Response(
        body,
        mimetype=files.MEDIA[name],
        headers={"Content-Disposition": f'attachment; filename="{kept_as}"'},
    )


@bp.get("/runs/compare")
def compare():
    """Two runs side by side."""
    first, second = (_run(request.args.get(n, type=int)) for n in ("first", "second"))
    if not (first.job.is_done and second.job.is_done):
        raise NotFound()
    found = comparison.compare(first, second, [_report(first), _report(second)])
    return render_template("runs/compare.html", runs=(first, second), found=found)


def _campaign(campaign_id, perspective):
    campaign = within_reach(db.session, Campaign, campaign_id)
    if perspective not in campaign.perspectives:
        raise NotFound()
    return campaign


def _run(run_id):
    if run_id is None:
        raise NotFound()
    return within_reach(db.session, ValidationRun, run_id)


def _ask(campaign, perspective, chosen):
    who_and_when = {"user": current_user, "now": utc_now()}
    run = services.ask(db.session, campaign, perspective, chosen, **who_and_when)
    return redirect(url_for(".show", run_id=run.id), 303)


def _report(run):
    return json.loads(files.content(run, "report.json"))


def _hash(style):
    digest = hashlib.sha256(style.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
