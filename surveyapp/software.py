"""Which software this is, and whether the survey is installed or the library alone."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

DISTRIBUTION = "care-planning-survey"
OURS = ("surveyapp", "psychometrics", "item_bank", "migrations")
INSTALL = "pip install '.[app]'"
APPLICATION = ("flask", "flask_security", "flask_sqlalchemy", "alembic", "gunicorn")
try:
    SOFTWARE = version(DISTRIBUTION)
except PackageNotFoundError:  # run from a checkout that is not installed
    SOFTWARE = "unreleased"


@cache
def has_application():
    """Whether what the survey needs beside the library is installed."""
    return all(find_spec(name) for name in APPLICATION)
