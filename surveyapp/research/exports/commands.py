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
@click.option("--coded", is_flag=True, help="Reasons coded as each item declares.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("export"),
    show_default=True,
    help="The folder to write.",
)
@with_app
def export_answers(campaign, perspective, purpose, side, coded, out):
    """Write the de-identified answers of a campaign, with codebook and scales."""
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
    )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in made.files.items():
        (out / name).write_text(text, encoding="utf-8")
    click.echo(f"{counted(made.n, 'assessment')} in {out / 'responses.csv'}")
    if made.side.smallest is not None:
        click.echo(note(made.side))


COMMANDS = (export_answers,)
