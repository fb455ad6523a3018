"""The work of a run: export, validate, keep. It runs outside any request."""

import csv
import hashlib
import io
import shutil
import warnings
from collections import Counter

from flask import current_app
from sqlalchemy import select

from psychometrics import PsychometricsError

from ... import audit
from ...database import utc_now
from ...errors import NothingToExport
from ...jobs.work import WorkRefused, reading
from ...models import ValidationRun
from ...pages import local_date
from ...scoring import SOFTWARE
from ..codebook import find_codebook
from ..export import tables
from ..tables import InvalidTable
from ..validation import validate_file
from . import files
from .choices import Choices, worded


def perform(session, job, at_step):
    """Make the report of a job's run; what is to be kept is left in the session.

    Raises WorkRefused, in words for whoever asked, where there can be no report.
    """
    folder = _fresh_folder(job)
    try:
        exported, run = _export(job)
        _write(exported, run, folder)
        report = _validate(run, exported, folder, at_step)
        _keep(session, job, exported, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fingerprint(exported):
    """SHA-256 of responses.csv as an export of the same moment holds it."""
    return hashlib.sha256(exported.responses.encode()).hexdigest()


def _fresh_folder(job):
    """A folder of our own; an attempt that was cut off may have left one."""
    folder = current_app.config["PROM"].instance / "working" / f"job-{job.id}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _export(job):
    with reading() as session:
        run = session.scalars(
            select(ValidationRun).where(ValidationRun.job_id == job.id)
        ).one()
        try:
            exported = tables(session, run.campaign, run.perspective)
        except NothingToExport as problem:
            raise WorkRefused("Nobody has sent answers yet.") from problem
    _check_enough(exported)
    return exported, run


def _check_enough(exported):
    """Refuse to tell of fewer people than may be shown; a person counts once."""
    rows = csv.DictReader(io.StringIO(exported.responses))
    n, least = len({row["person"] for row in rows}), _least()
    if n < least:
        raise WorkRefused(
            f"There are answers of {n} people; a report needs {least} at least. "
            "Start again when more have answered."
        )


def _least():
    return current_app.config["PROM"].suppress_below


def _write(exported, run, folder):
    """The export as files, with the rows and groups that were chosen."""
    choices = Choices.from_kept(run.choices)
    rows = list(csv.DictReader(io.StringIO(exported.responses)))
    if choices.waves == "first":
        rows = [row for row in rows if row["wave"] == "1"]
    if choices.group_column:
        _blank_small_groups(rows, choices.group_column)
    with open(folder / "responses.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys() if rows else ["person"])
        writer.writeheader()
        writer.writerows(rows)
    (folder / "codebook.csv").write_text(exported.codebook, encoding="utf-8")


def _blank_small_groups(rows, column):
    """Take people of a group too small to be shown out of the comparison."""
    least = _least()
    sizes = Counter(group for _, group in {(r["person"], r[column]) for r in rows})
    for row in rows:
        if sizes[row[column]] < least:
            row[column] = ""
    if sum(1 for name, n in sizes.items() if name and n >= least) < 2:
        raise WorkRefused(
            f"There are no two groups of {least} people or more to compare. Start "
            "again with other groups, or with none."
        )


def _validate(run, exported, folder, at_step):
    choices = Choices.from_kept(run.choices)
    codebook = find_codebook(folder / "responses.csv")
    try:
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")  # the report notes those of ours
            return validate_file(
                folder / "responses.csv",
                folder / "report",
                choices.apply(codebook.scales),
                codebook=codebook,
                categories=codebook.categories,
                groups=choices.group_column,
                title=_title(run, exported),
                date=local_date(utc_now()),
                seed=choices.seed,
                progress=at_step,
            )
    except (InvalidTable, PsychometricsError) as problem:
        why = str(problem).replace("--scales", "the scales")  # as a page says it
        raise WorkRefused(
            f"These answers cannot be validated with these choices: {why}. "
            "Start again with other choices, or when more people have answered."
        ) from problem


def _title(run, exported):
    mark = " (made-up answers)" if exported.n_synthetic else ""
    return f"Validation of {run.campaign.title}, {worded(run.perspective)}{mark}"


def _keep(session, job, exported, report):
    run = session.scalars(
        select(ValidationRun).where(ValidationRun.job_id == job.id)
    ).one()
    run.fingerprint = fingerprint(exported)
    run.n_assessments, run.n_synthetic = exported.n, exported.n_synthetic
    run.software_version = SOFTWARE
    files.keep(run, report)
    audit.record(
        session,
        actor=f"job:{job.id}",
        action="validation.kept",
        subject=f"validation_run:{run.id}",
        trust_id=run.trust_id,
        n=exported.n,
        fingerprint=run.fingerprint,
    )
