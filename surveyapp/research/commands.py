"""`prom validate` and `prom export`: the researcher's commands."""

import datetime
import warnings
from pathlib import Path

import click

from ..context import Refused, with_app
from .codebook import NAME as CODEBOOK
from .codebook import find_codebook
from .scales import parse_categories, parse_list, parse_scales
from .tables import InvalidTable, read_header


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--scales",
    multiple=True,
    help="Which items make which scale: 'A=A1-A5;C=C1,C2', or 'A,C' for the columns "
    "that are the name and a number, or a YAML file of scale: [items]. Not needed "
    "where the codebook of an export lies beside FILE.",
)
@click.option("--reverse", default="", help="Items to turn round: A1,C4,C5.")
@click.option("--categories", help="Lowest and highest code: 1-6.")
@click.option("--missing", default="", help="Codes that stand for no answer: 9,99.")
@click.option("--groups", help="The column that names each person's group.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("report"),
    show_default=True,
    help="The folder to write; an earlier report in it is replaced.",
)
@click.option("--title", help="Printed on the cover.")
@click.option("--seed", default=1, show_default=True, help="For what is simulated.")
def validate(file, scales, reverse, categories, missing, groups, out, title, seed):
    """Report on how sound the scales in a CSV FILE of answers are.

    Writes report.html, report.pdf, report.json, verdicts.csv and tables/ into the
    folder --out. What cannot be used is said in one line, and nothing is written.
    """
    # Estimation takes a second to import, which the other commands need not wait for.
    from .validation import InvalidResponses, validate_file

    try:
        codebook = find_codebook(file)
        scales = _which_scales(scales, codebook, file)
        if codebook and not categories:
            categories = "{}-{}".format(*codebook.categories)
        with warnings.catch_warnings(record=True) as caveats:
            warnings.simplefilter("always")
            folder = validate_file(
                file,
                out,
                scales,
                reverse=parse_list(reverse),
                categories=parse_categories(categories) if categories else None,
                missing=parse_list(missing),
                groups=groups,
                codebook=codebook,
                title=title or f"Validation of {file.name}",
                date=f"{datetime.date.today():%-d %B %Y}",
                seed=seed,
                progress=_say_progress,
            )
    except (InvalidTable, InvalidResponses) as problem:
        raise Refused(str(problem)) from problem
    for caveat in dict.fromkeys(str(c.message) for c in caveats):
        click.echo(f"Note: {caveat}", err=True)
    click.echo(f"{folder / 'report.html'}")


def _which_scales(typed, codebook, file):
    if typed:
        return parse_scales(typed, read_header(file))
    if codebook:
        return codebook.scales
    raise InvalidTable(
        f"{file.name}: no {CODEBOOK} beside it; say which items make which scale, "
        "such as --scales 'A=A1-A5'"
    )


def _say_progress(name, done, total):
    if done < total:
        click.echo(f"[{done + 1}/{total}] {name}", err=True)


@click.command("export")
@click.option("--campaign", type=int, help="Its number; needed if there are several.")
@click.option("--perspective", default="service_user", show_default=True)
@click.option("--coded", is_flag=True, help="Reasons coded as each item declares.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("export"),
    show_default=True,
    help="The folder to write.",
)
@with_app
def export_answers(campaign, perspective, coded, out):
    """Write the de-identified answers of a campaign, with codebook and scales."""
    from ..extensions import db
    from .export import export, find_campaign

    made = export(
        db.session,
        find_campaign(db.session, campaign),
        perspective,
        actor="command line",
        coded=coded,
    )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in made.files.items():
        (out / name).write_text(text, encoding="utf-8")
    click.echo(f"{made.n} assessments in {out / 'responses.csv'}")


COMMANDS = (validate, export_answers)
