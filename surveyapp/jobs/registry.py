"""The kinds of job that there are, and those that come back; filled in create_app."""

from collections.abc import Callable
from typing import Any, TypeAlias

from .recurrence import Recurrence

# perform(session, job, at_step)
Perform: TypeAlias = Callable[..., Any]

KINDS: dict[str, Perform] = {}
RECURRING: dict[str, Recurrence] = {}


def register(kind, perform):
    """Let jobs named `kind` be done by `perform(session, job, at_step)`.

    It calls `at_step(name, done, total)` as it goes, and leaves what it made in the
    session, uncommitted: that is kept together with the job's end. What would be long
    to write is committed batch by batch, by work that goes on where it was stopped.
    """
    KINDS[kind] = perform


def schedule(kind, *, every=None, at=None):
    """Let a registered kind come back: `every` so long, or daily `at` a London time.

    A time that was missed because no worker ran is made up for once, not each.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind} is no registered kind of job")
    RECURRING[kind] = Recurrence(every=every, at=at)
