"""Which version of this software made a score, a report or a run."""

from importlib.metadata import PackageNotFoundError, version

try:
    SOFTWARE = version("care-planning-survey")
except PackageNotFoundError:  # run from a checkout that is not installed
    SOFTWARE = "unreleased"
