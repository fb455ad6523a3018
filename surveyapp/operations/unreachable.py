"""Why a database cannot be reached, in words for whoever set its address."""

from sqlalchemy.exc import SQLAlchemyError

from .health import engine_for

# How PostgreSQL's own client says it -> what is wrong, and what to do. No message of
# it is repeated: it may hold the address with its password.
WHY = {
    "does not exist": (
        "its server has no such database or user: make it, or mend DATABASE_URL"
    ),
    "authentication failed": (
        "its server does not take the user and password of DATABASE_URL"
    ),
    "no password supplied": (
        "its server asks for a password: put it into DATABASE_URL, or into a file that "
        "PGPASSFILE names, mode 600"
    ),
    "pg_hba.conf": (
        "its server does not admit this user from here: mend its pg_hba.conf, or "
        "DATABASE_URL"
    ),
    "too many clients": (
        "its server has no connection left: raise max_connections, or serve with fewer "
        "workers"
    ),
    "starting up": "its server is just starting: look again in a minute",
    "refused": "nothing listens there: start its server, or mend DATABASE_URL",
    "No such file": "nothing listens there: start its server, or mend DATABASE_URL",
    "resolve": "there is no such host: mend DATABASE_URL",
    "translate host name": "there is no such host: mend DATABASE_URL",
}


def why(url: str) -> str | None:
    """What keeps from a database at this address; None where nobody can say."""
    engine = engine_for(url)
    try:
        engine.connect().close()
    except SQLAlchemyError as problem:
        said = str(getattr(problem, "orig", ""))
        return next((words for sign, words in WHY.items() if sign in said), None)
    finally:
        engine.dispose()
    return None
