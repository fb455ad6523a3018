"""`prom validate`: a report on a file of answers."""

import datetime
import warnings
from contextlib import contextmanager
from pathlib import Path

import click

from ...refused import Refused
from .answer_table import InvalidTable, read_header
from .cli_options import parse_categories, parse_list, parse_scales
from .codebook import find_codebook, which_scales
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
@click.option(
    "--scales",
    multiple=True,
    help="Which items make which scale: 'A=A1-A5;C=C1,C2', or 'A,C' for the columns "
    "that are the name and a number, or a YAML file of scale: [items]. Not needed "
    "where the plan says it, or the codebook of an export lies beside FILE.",
)
@click.option("--reverse", default="", help="Items to turn round: A1,C4,C5.")
@click.option("--categories", help="Lowest and highest code: 1-6.")
@click.option("--missing", default="", help="Codes that stand for no answer: 9,99.")
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
def validate(file, plan, write_plan, scales, out, **typed):
    """Report on how sound the scales in a CSV FILE of answers are.

    Writes report.html, report.pdf, report.json, verdicts.csv, properties.csv, tables/
    and figures/ into the folder --out. What cannot be used is said in a line, and
    nothing is written. Ctrl-C stops at any moment, leaves what was there before, and
    gives exit code 130.
    """
    with stoppable(f"Stopped: nothing was written to {out}."):
        if write_plan is not None:
            click.echo(_write_plan(write_plan, file, scales))
        elif file is None:
            raise click.UsageError("Name the FILE of answers, or --write-plan.")
        else:
            click.echo(_validate(file, plan, scales, out, **typed) / "report.html")


def _validate(file, plan_file, typed_scales, out, **typed):
    # Estimation takes a second to import, which the other commands need not wait for.
    from .plans import InvalidPlan, read_plan
    from .validation import PsychometricsError, validate_file, workers

    try:
        plan = _announced(read_plan(plan_file), plan_file) if plan_file else None
        codebook = find_codebook(file)
        with _caveats_last(), workers(typed.pop("workers")) as executor:
            with progress_bar() as progress:
                return validate_file(
                    file,
                    out,
                    which_scales(typed_scales, plan, codebook, file),
                    codebook=codebook,
                    plan=plan,
                    population=_which_population(
                        typed.pop("population"), plan_file, plan
                    ),
                    date=f"{datetime.date.today():%-d %B %Y}",
                    executor=executor,
                    progress=progress,
                    **_parsed(typed, file, codebook, plan),
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


def _parsed(typed, file, codebook, plan):
    """What was typed, as `validate_file` takes it."""
    categories = typed["categories"]
    if codebook and not categories and not (plan and plan.categories):
        categories = "{}-{}".format(*codebook.categories)
    return {
        "reverse": parse_list(typed["reverse"]),
        "categories": parse_categories(categories) if categories else None,
        "missing": parse_list(typed["missing"]),
        "groups": typed["groups"],
        "estimator": typed["estimator"],
        "seed": typed["seed"],
        "title": typed["title"] or f"Validation of {file.name}",
    }


def _which_population(typed, plan_file, plan):
    """The table that was typed, or the plan's, which stands in the plan's folder."""
    if typed is None and plan is not None and plan.population:
        return plan_file.parent / plan.population
    return typed


def _write_plan(path, file, typed):
    """Write a plan to start from, with the scales where they are known."""
    from .plan_template import starting_plan

    if path.exists():
        raise Refused(f"{path.name}: there is such a file; give another name")
    scales = None
    try:
        if typed:
            scales = parse_scales(typed, read_header(file) if file else ())
        elif file and (codebook := find_codebook(file)):
            scales = codebook.scales
    except InvalidTable as problem:
        raise Refused(str(problem)) from problem
    path.write_text(starting_plan(scales), encoding="utf-8")
    return path


COMMANDS = (validate,)
