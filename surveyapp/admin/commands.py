"""`prom create-admin`, `prom audit verify`."""

import click

from ..context import with_app
from ..wording import counted


@click.command("create-admin")
@click.argument("email")
@click.option("--name", default="Administrator", show_default=True)
@click.option("--trust", help="Name of a new trust to begin with.")
@with_app
def create_admin(email, name, trust):
    """Make an administrator, who signs in once by the link that is printed.

    There is no default password: the link asks for a second factor, and then a
    password can be chosen.
    """
    from flask import current_app

    from ..database import utc_now
    from ..errors import InvalidAnswers
    from ..extensions import db
    from . import services

    if trust:
        services.add_trust(db.session, trust, actor="command line")
    try:
        _, token = services.create_staff(
            db.session,
            email=email,
            name=name,
            role="administrator",
            actor="command line",
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        raise click.ClickException(str(problem)) from problem
    root = current_app.config["PROM"].base_url.rstrip("/")
    click.echo(f"Within 24 hours, once: {root}/staff/link/{token}")


@click.group()
def audit():
    """The record of who did what."""


@audit.command()
@with_app
def verify():
    """Check that no event was changed, removed or moved."""
    from .. import audit as chain
    from ..extensions import db

    n = chain.verify(db.session)
    click.echo(f"{counted(n, 'event')}, and every seal holds.")


COMMANDS = (create_admin, audit)
