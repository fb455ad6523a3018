"""`prom print forms`, `prom print letters`, `prom print preview`."""

import json
import os
from contextlib import contextmanager
from pathlib import Path

import click

from ..context import Refused, with_app

CHOICE = (
    click.argument("campaign", type=int),
    click.option(
        "--perspective",
        default="service_user",
        show_default=True,
        help="Who it is for.",
    ),
    click.option("--language", default="en", show_default=True),
    click.option(
        "--edition",
        type=click.Choice(["standard", "compact", "large_print", "easy_read"]),
        default="standard",
        show_default=True,
    ),
)
OUT = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The PDF to write; it must not exist yet.",
)


def with_choice(command):
    """Give a command the number of a campaign, and what to print of it."""
    for option in reversed(CHOICE):
        command = option(command)
    return command


@click.group("print")
def print_():
    """Forms and letters on paper, as tagged PDFs.

    CAMPAIGN is the number in the address of the campaign's page.
    """


@print_.command()
@with_choice
@click.option("--copies", default=1, show_default=True)
@click.option(
    "--team", help="The team that answers count for, where there are several."
)
@OUT
@with_app
def forms(campaign, perspective, language, edition, copies, team, out):
    """Numbered copies of a form; the places of the boxes beside them as JSON."""
    from ..database import utc_now
    from ..extensions import db
    from . import printing

    held = find_campaign(campaign)
    write_run(
        out,
        lambda: printing.print_forms(
            db.session,
            held,
            copies,
            _choice(perspective, language, edition),
            actor="command line",
            now=utc_now(),
            team_id=_team_id(held, team),
        ),
    )


@print_.command()
@with_choice
@click.argument("addresses", type=click.File("rb"))
@click.option("--with-forms", is_flag=True, help="Print each person's form as well.")
@OUT
@with_app
def letters(campaign, perspective, language, edition, addresses, with_forms, out):
    """A letter to each person in ADDRESSES, a CSV that is read and not kept.

    Its columns: name, address_1 to address_5, postcode, greeting, team.
    """
    from ..database import utc_now
    from ..extensions import db
    from ..file_limits import LETTERS, in_memory
    from . import letters as merging

    held = find_campaign(campaign)
    write_run(
        out,
        lambda: merging.print_letters(
            db.session,
            held,
            in_memory(addresses, LETTERS),
            _choice(perspective, language, edition),
            actor="command line",
            now=utc_now(),
            with_forms=with_forms,
        ),
    )


@print_.command()
@with_choice
@OUT
@with_app
def preview(campaign, perspective, language, edition, out):
    """A form marked as a preview: it has no code, and nothing is kept."""
    from ..database import utc_now
    from ..extensions import db
    from . import print_options, printing

    held, choice = find_campaign(campaign), _choice(perspective, language, edition)
    if not print_options.is_known(held, choice):
        raise Refused("the campaign has no such form; see its page of paper")
    with new_file(out) as file:
        file.write(printing.specimen(db.session, held, choice, now=utc_now()))
    click.echo(f"Wrote {out}")


def write_run(out, make):
    """Write the PDF and the places of its boxes, each for this user's eyes alone.

    The files are made first, so that no code is spent where nothing can be written.
    """
    from ..errors import InvalidAnswers

    beside = out.with_suffix(".json")
    with new_file(out) as pdf, new_file(beside) as places:
        try:
            run = make()
        except InvalidAnswers as problem:
            raise Refused("; ".join(problem.problems.values())) from problem
        pdf.write(run.pdf)
        places.write(json.dumps(run.to_dict(), indent=1).encode())
    click.echo(f"Wrote {out} and {beside}")


@contextmanager
def new_file(path):
    """A file that only this user may read; gone again if what fills it fails."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{path} is there already; its codes may be in use") from None
    except OSError as problem:
        raise Refused(f"{path} cannot be written: {problem.strerror}") from problem
    with open(handle, "wb") as file:
        try:
            yield file
        except BaseException:
            path.unlink()
            raise


def find_campaign(number):
    """The campaign of this number, or Refused."""
    from ..extensions import db
    from ..models import Campaign

    found = db.session.get(Campaign, number)
    if found is None:
        raise Refused(f"there is no campaign {number}")
    return found


def _choice(perspective, language, edition):
    from .print_options import Choice

    return Choice(perspective, language, edition)


def _team_id(campaign, name):
    if name is None:
        return None
    for team in campaign.teams:
        if team.name == name:
            return team.id
    raise Refused(f"{name} is not a team of the campaign")


COMMANDS = (print_,)
