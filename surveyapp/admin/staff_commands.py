"""`prom staff add`, `list`, `reset`, `disable`, `enable`."""

import click

from ..context import with_app
from ..refused import Refused

ROLE = click.Choice(
    ["administrator", "auditor", "coordinator", "keyer", "lead", "researcher"]
)


@click.group()
def staff():
    """Accounts of staff, where no administrator can sign in to look after them."""


@staff.command()
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=ROLE, required=True)
@click.option("--trust", help="Name of the trust; administrators may have none.")
@click.option(
    "--team",
    "teams",
    multiple=True,
    help="Name of a team, again for another: the role reaches no further.",
)
@with_app
def add(email, name, role, trust, teams):
    """Add a member of staff; the link that is printed lets them in once.

    An administrator without --trust looks after every trust.
    """
    from ..database import utc_now
    from ..extensions import db
    from . import accounts, services

    places = _places(trust, teams)
    asked = {"email": email, "name": name, "role": role, "places": places}
    _, token = services.create_staff(
        db.session,
        **asked,
        actor=accounts.BY_COMMAND,
        now=utc_now(),
    )
    _say(token)


@staff.command("list")
@with_app
def list_staff():
    """Who there is, with which roles, and whether they can sign in."""
    from sqlalchemy import select

    from ..extensions import db
    from ..models import StaffUser

    for user in sorted(db.session.scalars(select(StaffUser)), key=lambda u: u.email):
        places = ", ".join(f"{g.role} of {g.place}" for g in user.grants)
        click.echo("\t".join((user.email, user.name, user.standing, places)))


@staff.command()
@click.argument("email")
@with_app
def reset(email):
    """Let somebody in anew who has lost the phone or the password.

    Password, second factor and recovery codes are cleared and all sessions end; the
    link that is printed works once, within 24 hours, and asks for new ones.
    """
    from ..database import utc_now
    from ..extensions import db
    from . import accounts

    user = accounts.find(db.session, email)
    who = {"actor": accounts.BY_COMMAND, "now": utc_now()}
    _say(accounts.reset(db.session, user, **who))


@staff.command()
@click.argument("email")
@with_app
def disable(email):
    """Let somebody in no more; their sessions end at once."""
    _set_active(email, False)


@staff.command()
@click.argument("email")
@with_app
def enable(email):
    """Let somebody in again who was disabled."""
    _set_active(email, True)


def _set_active(email, active):
    from ..database import utc_now
    from ..extensions import db
    from . import accounts

    user = accounts.find(db.session, email)
    done = {"active": active, "actor": accounts.BY_COMMAND, "now": utc_now()}
    accounts.set_active(db.session, user, **done)
    click.echo(f"{user.email} is {'enabled' if active else 'disabled'}.")


def _places(trust, teams):
    """Trust and teams by their names, one line where there is no such thing."""
    from sqlalchemy import select

    from ..extensions import db
    from ..models import Trust

    if trust is None:
        return [(None, None)]
    found = db.session.scalars(select(Trust).where(Trust.name == trust)).all()
    if len(found) != 1:
        raise Refused(f"there is no trust of the name {trust!r}")
    named = {team.name: team for team in found[0].teams}
    for team in teams:
        if team not in named:
            raise Refused(f"{trust} has no team of the name {team!r}")
    return [(found[0], named[team]) for team in teams] or [(found[0], None)]


def _say(token):
    from ..addresses import address_of

    click.echo(f"Within 24 hours, once: {address_of('staff.link', token=token)}")
