"""What `prom up` asks somebody at a terminal, once: a demonstration, or for real."""

import sys

import click
from sqlalchemy import select

from . import demo
from .database import utc_now
from .errors import InvalidAnswers
from .extensions import db
from .models import StaffUser, Trust

QUESTION = """
Nothing is here yet. What is it for?

  1  A demonstration: a made-up trust with made-up answers, to look around.
  2  For real: an empty trust of your own. Nothing in it is made up.
"""


def wants_demonstration(asked):
    """Whether made-up answers are to be there.

    `asked` is True or False where the command line says so. An installation that has
    something stays as it is; a new one asks, where somebody is there to answer, and
    is a demonstration otherwise.
    """
    if asked is not None:
        return asked
    if any(db.session.scalar(select(kind.id).limit(1)) for kind in (Trust, StaffUser)):
        return demo.exists(db.session)
    if not is_at_terminal():
        return True
    click.echo(QUESTION)
    answer = click.prompt("1 or 2", type=click.Choice(["1", "2"]), show_choices=False)
    if answer == "2":
        _begin()
    return answer == "1"


def is_at_terminal():
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _begin():
    """Make the trust and its first administrator, and say how they sign in."""
    from .addresses import address_of
    from .admin import services

    while True:
        who = {
            "trust_name": click.prompt("Name of the trust"),
            "name": click.prompt("Your name"),
            "email": click.prompt("Your e-mail address"),
        }
        try:
            _, token = services.create_administrator(
                db.session, **who, actor="command line", now=utc_now()
            )
            break
        except InvalidAnswers as problem:
            click.echo("; ".join(problem.problems.values()))
    link = address_of("staff.link", token=token)
    click.echo(f"You sign in once by this link, within 24 hours: {link}")
