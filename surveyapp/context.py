"""Runs a command inside the application, or says in one line why it cannot."""

import functools

import click

from .errors import SurveyError
from .refused import Refused
from .software import OURS, has_application

CLICKS_OWN = (click.ClickException, click.exceptions.Exit, click.Abort)
DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def with_app(command):
    """Give a command the application's context; domain errors become one line."""

    @functools.wraps(command)
    def inside(*args, **kwargs):
        from . import create_app

        try:
            app = create_app()
        except Exception as problem:
            raise refusal(problem) from None
        with app.app_context():
            return run(command, *args, **kwargs)

    return inside


def run(command, *args, **kwargs):
    """Run what needs a context that is there; Refused says why it could not."""
    try:
        return command(*args, **kwargs)
    except Exception as problem:
        raise _of_database(problem) or refusal(problem) from None


def refusal(problem):
    """What a command says of an error: our own words, or where a foreign one broke.

    A foreign error's own text may repeat what is stored about someone.
    """
    if isinstance(problem, CLICKS_OWN):
        return problem
    if isinstance(problem, SurveyError):
        return Refused(str(problem) or type(problem).__doc__)
    if type(problem).__module__.partition(".")[0] in OURS:
        return Refused(str(problem))
    if isinstance(problem, OSError) and problem.filename:
        return Refused(f"{problem.filename}: {problem.strerror}")
    return _unforeseen(problem) if has_application() else problem


def _unforeseen(problem):
    from cryptography.fernet import InvalidToken

    from . import failures, logs

    if isinstance(problem, InvalidToken):
        return Refused(
            "no key opens a value that is stored: put the key that is missing at the "
            "end of PROM_FIELD_KEYS"
        )
    known = failures.domain(problem)
    if isinstance(known, failures.StorageUnavailable):
        return Refused(
            f"the database is busy, full or stopped ({_cause(problem)}); "
            "nothing more was stored"
        )
    if type(known) is not SurveyError:
        return Refused(str(known) or type(known).__doc__)
    logs.broken(problem, event="ended")
    return Refused(
        "something went wrong that was not foreseen; the line above says where"
    )


def _of_database(problem):
    """What is wrong with the database as a whole, if that is why; else None."""
    from sqlalchemy.exc import SQLAlchemyError

    if _cause(problem) in DAMAGED:
        return Refused(f"the database's file is damaged or is none ({_cause(problem)})")
    if isinstance(problem, SQLAlchemyError) and _lacks_tables():
        return Refused("the database lacks tables of this version: run `prom migrate`")
    return None


def _lacks_tables():
    """Whether the database can be read and is older than this software."""
    from sqlalchemy.exc import SQLAlchemyError

    from . import schema_version
    from .extensions import db

    db.session.rollback()
    try:
        with db.engine.connect() as connection:
            return bool(schema_version.pending(schema_version.present(connection)))
    except SQLAlchemyError:
        return False


def _cause(problem):
    """The database's own name for what is wrong, which repeats no value."""
    driver = getattr(problem, "orig", None) or problem
    names = (getattr(driver, name, None) for name in ("sqlite_errorname", "sqlstate"))
    return next(filter(None, names), type(driver).__name__)
