"""How far an import is, in the words of its page."""

from dataclasses import dataclass
from datetime import timedelta

PATIENCE = timedelta(seconds=30)
STAGES = {
    "receiving": "The file is coming in",
    "mapping": "Its columns are to be chosen",
    "checking": "Being looked at",
    "checked": "Not confirmed yet",
    "writing": "Being brought in",
    "done": "Brought in",
    "undoing": "Being deleted",
    "undone": "Undone",
    "cancelling": "Being deleted",
    "cancelled": "Given up",
}


@dataclass(frozen=True)
class State:
    """`is_open` while a job waits or goes on; `step` is what it is at.

    `is_stopped` where there is something to do and nobody to do it, `problem` says
    why; `is_late` where no worker has taken the job up for half a minute.
    """

    words: str
    is_open: bool
    is_stopped: bool
    is_late: bool
    percent: int
    step: str
    problem: str


def of(made, *, now):
    """The state of an import, by its stage and its job."""
    job = made.job
    is_open = job is not None and job.is_open
    return State(
        words=STAGES[made.stage],
        is_open=is_open,
        is_stopped=made.is_at_work and not is_open,
        is_late=is_open and job.status == "waiting" and now - job.run_after > PATIENCE,
        percent=round(100 * job.progress) if is_open else 0,
        step=job.steps[-1] if is_open and job.steps else "",
        problem=job.problem or "" if job is not None and not is_open else "",
    )
