"""How new the database's tables are, beside those that this software knows."""

from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from .errors import ConfigurationError
from .extensions import MIGRATIONS, db


@cache
def known() -> tuple[str, ...]:
    """Every revision of this software, oldest first."""
    script = ScriptDirectory(str(MIGRATIONS))
    return tuple(each.revision for each in reversed([*script.walk_revisions()]))


def present(connection: Connection) -> str | None:
    """The revision of the tables that are there; None before the first."""
    heads = MigrationContext.configure(connection).get_current_heads()
    return heads[0] if heads else None


def pending(revision: str | None) -> list[str]:
    """What `prom migrate` has still to do to tables of this revision.

    Nothing where they are newer than this software: a migration first adds, so that
    the version before goes on while it is replaced, and can be gone back to.
    """
    if revision is None:
        return [*known()]
    if is_newer(revision):
        return []
    return [*known()[known().index(revision) + 1 :]]


def is_newer(revision: str | None) -> bool:
    """Whether a later version of the software made these tables."""
    return revision is not None and revision not in known()


def is_before(revision: str) -> bool:
    """Whether a revision is older than the tables: they are to be taken back to it.

    Raises ConfigurationError where this software knows no such revision, or tables
    that only a newer one can take back.
    """
    if revision == "head":
        return False
    if revision not in known():
        raise ConfigurationError(
            f"there is no revision {revision}: "
            f"take one of {known()[0]} to {known()[-1]}"
        )
    with db.engine.connect() as connection:
        there = present(connection)
    if is_newer(there):
        raise ConfigurationError(
            f"the tables are those of {there}: the version that made them takes them"
            " back, by its own `prom migrate`"
        )
    return there is not None and known().index(revision) < known().index(there)


def refuse_pending() -> None:
    """ConfigurationError where the tables are older than what would use them."""
    with db.engine.connect() as connection:
        behind = pending(present(connection))
    if behind:
        raise ConfigurationError(describe(behind))


def describe(behind: list[str]) -> str:
    """What is pending, and what to do."""
    migrations = "migration is" if len(behind) == 1 else "migrations are"
    return (
        "the database lacks tables of this version: run `prom migrate` "
        f"({len(behind)} {migrations} pending, up to {behind[-1]})"
    )
