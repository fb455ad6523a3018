"""`prom create-admin`, `prom staff ...`, `prom audit verify`."""

import click

from ..context import with_app
from ..plurals import counted
from .staff_commands import staff


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
    from ..addresses import address_of
    from ..database import utc_now
    from ..extensions import db
    from . import services

    _, token = services.create_administrator(
        db.session,
        email=email,
        name=name,
        trust_name=trust,
        actor="command line",
        now=utc_now(),
    )
    click.echo(f"Within 24 hours, once: {address_of('staff.link', token=token)}")


@click.group()
def audit():
    """The record of who did what."""


@audit.command()
@click.option(
    "--log",
    type=click.File(encoding="utf-8", errors="replace"),
    help="The service's log, each event of which must be there; - is standard input.",
)
@with_app
def verify(log):
    """Check that no event was changed, removed or moved, and none taken off the end.

    An older copy of the whole database holds by itself; --log finds that too.
    """
    from .. import audit as chain
    from ..extensions import db

    logged = chain.logged_seals(log) if log else {}
    chain.read_at_one_moment(db.session)
    n = chain.verify(db.session, logged)
    told = f", {counted(len(logged), 'event')} of the log among them" if log else ""
    click.echo(f"{counted(n, 'event')}{told}, and every seal holds.")


@audit.command()
@with_app
def accept():
    """Go on with the events that are there, after their end was lost.

    As after a backup was restored by hand, or when `verify` says that the record of
    the newest event was changed. That this was done, and how many events were
    recorded before, stays in the audit. It does not mend an event that was changed.
    """
    from .. import audit as chain
    from ..extensions import db

    n = chain.accept(db.session, actor="command line")
    click.echo(f"{counted(n, 'event')} from here on.")


COMMANDS = (create_admin, staff, audit)
