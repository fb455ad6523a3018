"""`prom export`: the de-identified answers of a campaign as files."""

from pathlib import Path

import click

from ...context import with_app
from ...plurals import counted


@click.command("export")
@click.option("--campaign", type=int, help="Its number; needed if there are several.")
@click.option("--perspective", default="service_user", show_default=True)
@click.option(
    "--purpose",
    type=click.Choice(["own", "shared"]),
    default="own",
    show_default=True,
    help="This trust's own analysis, or shared outside: then without those who did "
    "not agree to sharing.",
)
@click.option(
    "--side",
    default="",
    help="Questions about the person whose answers are to be there: "
    "age_band,ethnic_group; or all. Those first that matter most: combinations of "
    "fewer than ten people are put together or left out.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["csv", "xlsx", "sav", "dta", "parquet", "fhir"]),
    help="May repeat; csv unless said.",
)
@click.option(
    "--layout",
    type=click.Choice(["long", "wide"]),
    default="long",
    show_default=True,
    help="A row for each time somebody answered, or one for each person.",
)
@click.option(
    "--quasi",
    default="team,quarter,mode,assisted_by,language,words",
    show_default=True,
    help="Columns that another could know of a person, those first that matter most: "
    "each combination of them is shared by ten people at least.",
)
@click.option("--coded", is_flag=True, help="Reasons coded as each item declares.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("export"),
    show_default=True,
    help="The folder to write.",
)
@with_app
def export_answers(
    campaign, perspective, purpose, side, formats, layout, quasi, coded, out
):
    """Write the de-identified answers of a campaign as files.

    Beside them lie codebook.csv, dictionary.html, scales.yaml, and about.txt, which
    says what was done so that nobody stands out; it is printed as well.
    """
    from ...assessments.queries import find_campaign
    from ...extensions import db
    from .export import export
    from .side_columns import note, parse_names

    found = find_campaign(db.session, campaign)
    made = export(
        db.session,
        found,
        perspective,
        actor="command line",
        purpose=purpose,
        coded=coded,
        side=parse_names(side, found, perspective),
        formats=formats or ("csv",),
        layout=layout,
        quasi=[name.strip() for name in quasi.split(",") if name.strip()],
    )
    out.mkdir(parents=True, exist_ok=True)
    for name, content in made.files.items():
        (out / name).write_bytes(content)
    for line in made.about.statement.lines:
        click.echo(line, err=True)
    first = next(iter(made.files))
    click.echo(f"{counted(made.n, 'assessment')} in {out / first}")
    if made.side.smallest is not None:
        click.echo(note(made.side))


COMMANDS = (export_answers,)
