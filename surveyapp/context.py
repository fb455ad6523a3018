"""Runs a command inside the application, or says in one line why it cannot."""

import functools

import click

from .errors import SurveyError
from .refused import Refused

CLICKS_OWN = (click.ClickException, click.exceptions.Exit, click.Abort)


def with_app(command):
    """Give a command the application's context; domain errors become one line."""

    @functools.wraps(command)
    def inside(*args, **kwargs):
        from . import create_app

        try:
            app = create_app()
            with app.app_context():
                return command(*args, **kwargs)
        except Exception as problem:
            raise refusal(problem) from None

    return inside


def refusal(problem):
    """What a command says of an error: our own words, or where a foreign one broke.

    A foreign error's own text may repeat what is stored about someone.
    """
    if isinstance(problem, CLICKS_OWN):
        return problem
    from . import failures, logs

    known = failures.domain(problem)
    if isinstance(known, failures.StorageUnavailable):
        logs.broken(problem, event="unavailable")
        return Refused("the database is busy, full or stopped; nothing more was stored")
    if type(known) is not SurveyError:
        return Refused(str(known) or type(known).__doc__)
    if type(problem).__module__.partition(".")[0] in logs.OURS:
        return Refused(str(problem))
    if isinstance(problem, OSError) and problem.filename:
        return Refused(f"{problem.filename}: {problem.strerror}")
    logs.broken(problem, event="ended")
    return Refused(
        "something went wrong that was not foreseen; the line above says where"
    )
