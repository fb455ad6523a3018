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
@click.option("--coded", is_flag=True, help="Reasons coded as each item declares.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("export"),
    show_default=True,
    help="The folder to write.",
)
@with_app
def export_answers(campaign, perspective, purpose, coded, out):
    """Write the de-identified answers of a campaign, with codebook and scales."""
    from ...assessments.queries import find_campaign
    from ...extensions import db
    from .export import export

    made = export(
        db.session,
        find_campaign(db.session, campaign),
        perspective,
        actor="command line",
        purpose=purpose,
        coded=coded,
    )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in made.files.items():
        (out / name).write_text(text, encoding="utf-8")
    click.echo(f"{counted(made.n, 'assessment')} in {out / 'responses.csv'}")


COMMANDS = (export_answers,)
