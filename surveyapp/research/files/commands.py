"""`prom validate`: a report on a file of answers."""

import datetime
import warnings
from contextlib import contextmanager
from pathlib import Path

import click

from ...refused import Refused
from ...table_files.raw_table import InvalidTable
from .answer_options import answer_options, read_as_stated, scales_of, stated
from .codebook import find_codebook
from .interrupts import stoppable
from .progress import progress_bar


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--plan",
    type=click.Path(path_type=Path),
    help="What was decided before the data are read: a YAML file. What is typed "
    "beside it counts before it, and is listed as a deviation.",
)
@click.option(
    "--write-plan",
    type=click.Path(path_type=Path),
    help="Write a commented plan to start from into this file, and stop.",
)
@answer_options
@click.option("--groups", help="The column that names each person's group.")
@click.option(
    "--population",
    type=click.Path(path_type=Path),
    help="Whom the sample should stand for: a CSV of variable, group, count and, "
    "where it is known, invited.",
)
@click.option(
    "--estimator",
    type=click.Choice(["wlsmv", "ulsmv", "mlr", "ml"]),
    help="Of the factor models; wlsmv unless said.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("report"),
    show_default=True,
    help="The folder to write; an earlier report in it is replaced.",
)
@click.option("--title", help="Printed on the cover.")
@click.option("--seed", type=int, help="For what is simulated; 1 unless said.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes for what is simulated; the numbers are the same.",
)
def validate(file, plan, write_plan, out, **typed):
    """Report on how sound the scales in a FILE of answers are.

    Writes report.html, report.pdf, report.json, verdicts.csv, properties.csv, tables/
    and figures/ into the folder --out. What cannot be used is said in a line, and
    nothing is written. Ctrl-C stops at any moment, leaves what was there before, and
    gives exit code 130.
    """
    with stoppable(f"Stopped: nothing was written to {out}."):
        if write_plan is not None:
            click.echo(_write_plan(write_plan, file, typed["scales"]))
        elif file is None:
            raise click.UsageError("Name the FILE of answers, or --write-plan.")
        else:
            click.echo(_validate(file, plan, out, **typed) / "report.html")


def _validate(file, plan_file, out, **typed):
    # Estimation takes a second to import, which the other commands need not wait for.
    from .plans import InvalidPlan, read_plan
    from .validation import PsychometricsError, validate_table, workers

    try:
        plan = _announced(read_plan(plan_file), plan_file) if plan_file else None
        codebook = find_codebook(file)
        population = _population(typed.pop("population"), plan_file, plan)
        settings = stated(file, typed, plan=plan, codebook=codebook)
        table, settings = read_as_stated(
            file,
            settings,
            groups=typed["groups"],
            codebook=codebook,
            occasions=plan.occasions if plan else None,
        )
        with _caveats_last(), workers(typed.pop("workers")) as executor:
            with progress_bar() as progress:
                return validate_table(
                    table,
                    out,
                    settings.scales,
                    reverse=settings.reverse,
                    categories=settings.categories,
                    plan=plan,
                    population=population,
                    date=f"{datetime.date.today():%-d %B %Y}",
                    executor=executor,
                    progress=progress,
                    **typed | {"title": typed["title"] or f"Validation of {file.name}"},
                )
    except (InvalidPlan, InvalidTable, PsychometricsError) as problem:
        raise Refused(str(problem)) from problem


def _announced(plan, plan_file):
    click.echo(
        f"Plan {plan_file.name}, SHA-256 {plan.fingerprint}, before the data are read.",
        err=True,
    )
    return plan


@contextmanager
def _caveats_last():
    """Gather what estimation warns of, and say each once at the end."""
    with warnings.catch_warnings(record=True) as caveats:
        warnings.simplefilter("always")
        yield
    for caveat in dict.fromkeys(str(c.message) for c in caveats):
        click.echo(f"Note: {caveat}", err=True)


def _population(typed, plan_file, plan):
    """The table that was typed, or the plan's, which stands in the plan's folder."""
    if typed is None and plan is not None and plan.population:
        typed = plan_file.parent / plan.population
    if typed is None:
        return None
    from .population import read_population

    return read_population(typed)


def _write_plan(path, file, typed):
    """Write a plan to start from, with the scales where they are known."""
    from .plan_template import starting_plan

    if path.exists():
        raise Refused(f"{path.name}: there is such a file; give another name")
    scales = None
    try:
        if typed or file:
            scales = scales_of(file, typed)
    except InvalidTable as problem:
        raise Refused(str(problem)) from problem
    path.write_text(starting_plan(scales), encoding="utf-8")
    return path


COMMANDS = (validate,)
