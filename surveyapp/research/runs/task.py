"""The work of a run: export, validate, keep. It runs outside any request."""

import hashlib
import shutil
import warnings
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from flask import current_app
from sqlalchemy import select

from psychometrics import PsychometricsError
from psychometrics.report import Plan

from ... import audit, bank
from ...assessments.counting import OPEN_RULE, are_enough, came_openly
from ...assessments.queries import submitted
from ...assessments.side_answers import choosable
from ...calendar import LONDON, local_date
from ...database import utc_now
from ...errors import NothingToExport, WorkRefused
from ...extensions import read_only_session
from ...models import ValidationRun
from ...software import SOFTWARE
from ...table_files.raw_table import InvalidTable, RawTable
from ...wording import counted
from ..exports import assessment_columns
from ..exports.assessment_columns import COLUMNS
from ..exports.export import Export, tables
from ..files.answer_table import answers_of
from ..files.codebook import codebook_of
from ..files.invalid_plan import InvalidPlan
from ..files.population import parse_population
from ..files.validation import validate_table
from . import attachments, perspectives, report_files
from .choices import Choices, worded

POPULATION = "population.csv"


@dataclass(frozen=True)
class _Basis:
    """What a report is made from.

    `came_openly` is person -> day of those who came by an open link, whom anybody
    could have made up.
    """

    run: ValidationRun
    exported: Export
    plan: Plan | None
    population: pd.DataFrame | None
    came_openly: dict
    both: dict | None = None  # perspective -> answers, where a campaign asks both

    @property
    def choices(self):
        return Choices.from_kept(self.run.choices)

    @property
    def variables(self):
        """Names of the columns that the population's table speaks of."""
        return set() if self.population is None else set(self.population["variable"])


def perform(session, job, at_step):
    """Make the report of a job's run; what is to be kept is left in the session.

    Raises WorkRefused, in words for whoever asked, where there can be no report.
    """
    folder = _fresh_folder(job)
    try:
        basis = _read(job)
        report = _validate(basis, folder, at_step)
        _keep(session, job, basis, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fingerprint(exported):
    """SHA-256 of responses.csv as an export of the same moment holds it.

    That is one without answers about the person, which a run may have beside it.
    """
    return hashlib.sha256(exported.unchosen.encode()).hexdigest()


def _fresh_folder(job):
    """A folder of our own; an attempt that was cut off may have left one."""
    folder = current_app.config["PROM"].instance / "working" / f"job-{job.id}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _read(job):
    with read_only_session() as session:
        run = session.scalars(
            select(ValidationRun).where(ValidationRun.job_id == job.id)
        ).one()
        try:
            plan, population = _plan(run), _population(run)
            exported = tables(
                session,
                run.campaign,
                run.perspective,
                side=_side_needed(run, plan, population),
            )
        except NothingToExport as problem:
            raise WorkRefused("Nobody has sent answers yet.") from problem
        openly = _openly(session, run.campaign, run.perspective)
        both = perspectives.answers_of_both(session, run.campaign)
        return _Basis(run, exported, plan, population, openly, both)


def _side_needed(run, plan, population):
    """The questions about the person that the run's report speaks of, in its order."""
    named = [Choices.from_kept(run.choices).group_column]
    if plan is not None:
        named.append(plan.groups)
        for stated in (*plan.hypotheses, *plan.change_hypotheses):
            named += [stated.groups, stated.other]
    named += [] if population is None else [*population["variable"]]
    form = bank.instrument(run.campaign.instrument_ref(run.perspective))
    known = {question.id for question in choosable(form)}
    return tuple(name for name in dict.fromkeys(named) if name in known)


def _openly(session, campaign, perspective):
    """Person, as the export names them, -> the day on which they first sent answers."""
    openly = came_openly(session, campaign)
    days = {}
    for assessment in submitted(session, campaign, perspective):
        if assessment.respondent_id in openly:
            day = assessment.submitted_at.astimezone(LONDON).date()
            person = assessment_columns.pseudonym(assessment.respondent)
            days[person] = min(day, days.get(person, day))
    return days


def _plan(run):
    try:
        return attachments.plan_of(run)
    except InvalidPlan as problem:  # held since before the reader became stricter
        why = str(problem).splitlines()[0]
        raise WorkRefused(f"The plan cannot be followed: {why}") from problem


def _population(run):
    if run.population is None:
        return None
    return parse_population(attachments.content(run.population), POPULATION)


def _check_enough(rows, openly):
    """Refuse to tell of fewer people than may be shown; a person counts once."""
    people = {row["person"] for row in rows}
    if not _are_enough(people, openly):
        told = counted(len(people), "person", "people") if people else "no people"
        poster = f" {OPEN_RULE}" if people & openly.keys() else ""
        raise WorkRefused(
            f"There are answers of {told}; a report needs {_least()} at least."
            f"{poster} Start again when more have answered."
        )


def _are_enough(people, openly):
    days = [openly[person] for person in people & openly.keys()]
    return are_enough(len(people - openly.keys()), days, _least())


def _least():
    return current_app.config["PROM"].suppress_below


def _rows(basis):
    """The export as dicts, with the rows and groups that were chosen or planned."""
    choices = basis.choices
    rows = _texts(basis.exported.answers)
    if choices.waves == "first" and "waves" not in choices.planned:
        rows = [row for row in rows if row["wave"] == "1"]
    _check_enough(_at_first(rows, basis.plan), basis.came_openly)
    _hide_small_groups(rows, basis)
    return rows


def _texts(table):
    """A table, header first, as dicts of the texts that a file would hold."""
    header, *rows = table
    return [dict(zip(header, map(_text, row))) for row in rows]


def _text(cell):
    return "" if cell is None else str(cell)


def _at_first(rows, plan):
    """The rows that the report is about: a plan may start from a later time."""
    when = plan.occasions if plan else None
    if when is None or when.column not in COLUMNS:
        return rows
    return [row for row in rows if row[when.column] == when.baseline]


def _hide_small_groups(rows, basis):
    """Take people of groups too small to be shown out of every comparison.

    Of the population's groups only those that open links make look large enough:
    the report itself leaves out the small ones.
    """
    choices, plan, openly = basis.choices, basis.plan, basis.came_openly
    about = basis.exported.about
    for column in basis.variables & rows[0].keys():
        _blank_small(rows, column, openly, only_open=True)
    _blank_small(rows, "variant", openly)
    compared = choices.group_column
    if plan is not None:
        compared = plan.groups if "groups" in choices.planned else compared
        for stated in (*plan.hypotheses, *plan.change_hypotheses):
            if stated.groups in about and stated.groups != compared:
                _blank_small(rows, stated.groups, openly)
    if compared in about and _blank_small(rows, compared, openly) < 2:
        raise WorkRefused(
            f"There are no two groups of {_least()} people or more to compare. Start "
            "again with other groups, or with none."
        )


def _blank_small(rows, column, openly, *, only_open=False):
    """Blank the names of small groups; returns how many groups are left."""
    groups = defaultdict(set)
    for row in rows:
        groups[row[column]].add(row["person"])
    small = {
        name
        for name, people in groups.items()
        if not _are_enough(people, openly)
        and not (only_open and people.isdisjoint(openly))
    }
    for row in rows:
        if row[column] in small:
            row[column] = ""
    return len(groups.keys() - small - {""})


def _validate(basis, folder, at_step):
    codebook = codebook_of(basis.exported.meanings)
    settings = _settings(basis, codebook)
    scales = settings.pop("scales") or basis.plan.scales or codebook.scales
    rows = _rows(basis)
    try:
        table = _table(rows, scales, codebook, basis.plan)
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")  # the report notes those of ours
            return validate_table(
                table,
                folder / "report",
                scales,
                plan=basis.plan,
                population=basis.population,
                title=_title(basis.run, basis.exported),
                date=local_date(utc_now()),
                progress=at_step,
                **settings,
            )
    except (InvalidTable, PsychometricsError) as problem:
        why = getattr(problem, "on_page", problem)
        raise WorkRefused(
            f"These answers cannot be validated with these choices: {why}. "
            "Start again with other choices, or when more people have answered."
        ) from problem


def _table(rows, scales, codebook, plan):
    """The rows as numbers, for the items of these scales."""
    cells = {number: list(row.values()) for number, row in enumerate(rows, 2)}
    raw = RawTable("responses.csv", tuple(rows[0]), cells)
    items = list(dict.fromkeys(i for members in scales.values() for i in members))
    return answers_of(
        raw,
        items,
        path=Path(raw.name),
        categories=(plan and plan.categories) or codebook.categories,
        missing=plan.missing if plan else (),
        codebook=codebook,
    )


def _settings(basis, codebook):
    """What was chosen; None where it was left to the plan."""
    choices, plan = basis.choices, basis.plan
    settings = {
        "scales": choices.apply(codebook.scales),
        "groups": choices.group_column or False,
        "seed": choices.seed,
    }
    settings |= {name: None for name in settings if name in choices.planned}
    is_planned = plan is not None and plan.categories is not None
    return {**settings, "categories": None if is_planned else codebook.categories}


def _title(run, exported):
    mark = " (made-up answers)" if exported.n_synthetic else ""
    return f"Validation of {run.campaign.title}, {worded(run.perspective)}{mark}"


def _keep(session, job, basis, report):
    compared = _compared(basis)
    exported = basis.exported
    run = session.scalars(
        select(ValidationRun).where(ValidationRun.job_id == job.id)
    ).one()
    run.fingerprint = fingerprint(exported)
    run.n_assessments, run.n_synthetic = exported.n, exported.n_synthetic
    run.software_version = SOFTWARE
    run.perspectives = compared
    report_files.keep(run, report)
    audit.record(
        session,
        actor=f"job:{job.id}",
        action="validation.kept",
        subject=run,
        n=exported.n,
        fingerprint=run.fingerprint,
    )


def _compared(basis):
    """Whether service users and carers may be compared; None where one is asked."""
    if basis.both is None:
        return None
    campaign = basis.run.campaign
    asked = {who: campaign.instrument_ref(who) for who in basis.both}
    return perspectives.compare(basis.both, asked)
