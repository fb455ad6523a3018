"""`prom contact held` and `erase`: what is held of one person, and its end."""

import json
import os
from pathlib import Path

import click

from ..context import with_app
from ..refused import Refused

WHO = (
    click.option("--trust", required=True, help="Name of the trust."),
    click.option("--nhs", default="", help="NHS number."),
    click.option("--name", default="", help="First and last name."),
    click.option("--born", default="", help="Date of birth, as 31/12/1970."),
    click.option("--postcode", default=""),
    click.option("--telephone", default=""),
    click.option("--email", default=""),
)
BY_COMMAND = "command line"


def _who(command):
    for option in reversed(WHO):
        command = option(command)
    return command


@click.group()
def contact():
    """One person of the lists: what is held of them, and its end.

    Say who by an NHS number, a telephone number, an e-mail address, or two of name,
    date of birth and postcode. Pages do the same, and leave nothing in the history of
    a shell.
    """


@contact.command()
@_who
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The JSON file to write; it must not exist yet.",
)
@with_app
def held(trust, out, **typed):
    """Write all that is held of one person into a file."""
    from ..database import utc_now
    from ..extensions import db
    from . import one_person

    person = _person(trust, typed)
    with _new_file(out) as file:
        told = one_person.get(db.session, person, actor=BY_COMMAND, now=utc_now())
        file.write(json.dumps(told, indent=2, ensure_ascii=False))
    click.echo(f"{out}: all that is held of one person.")


def _new_file(path):
    """A file that only this user may read; Refused where it cannot be made."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{path} is there already") from None
    except OSError as problem:
        raise Refused(f"{path} cannot be written: {problem.strerror}") from problem
    return open(handle, "w", encoding="utf-8")


@contact.command()
@_who
@click.option(
    "--why",
    type=click.Choice(["asked", "asked_for_them", "mistaken"]),
    required=True,
    help="It is kept in the audit.",
)
@with_app
def erase(trust, why, **typed):
    """Delete all that is held of one person, but answers, which have no name.

    Nothing more is sent to them, and later lists leave them out.
    """
    from ..assessments import contact_erasure
    from ..database import utc_now
    from ..extensions import db

    person = _person(trust, typed)
    done = {"why": why, "actor": BY_COMMAND, "now": utc_now()}
    contact_erasure.erase(db.session, person, **done)
    click.echo("What was held of this person was deleted.")


def _person(trust, typed):
    """The one person who is meant; Refused where there is none, or several."""
    from sqlalchemy import select

    from ..database import utc_now
    from ..errors import InvalidAnswers
    from ..extensions import db
    from ..models import Trust
    from . import one_person

    places = db.session.scalars(select(Trust).where(Trust.name == trust)).all()
    if len(places) != 1:
        raise Refused(f"there is no trust of the name {trust!r}")
    try:
        digests = one_person.digests_of(places[0].id, typed, utc_now())
    except InvalidAnswers as problem:
        raise Refused("; ".join(problem.problems.values())) from None
    found = one_person.find(db.session, places[0].id, digests, actor=BY_COMMAND)
    if len(found) != 1:
        raise Refused(f"{len(found)} people are meant: say more of who it is")
    return found[0]


COMMANDS = (contact,)
