"""What the pages of a run say: its state in words, and what came of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from ...wording import counted
from . import attachments, report_files
from .choices import Choices

PATIENCE = timedelta(seconds=30)
OUTCOMES = ("sufficient", "insufficient", "indeterminate")
WORDS = {
    "waiting": "Waiting for a worker",
    "running": "At work",
    "done": "Done",
    "failed": "No report could be made",
    "cancelled": "Cancelled",
}


@dataclass(frozen=True)
class State:
    """How far a run is: `percent` for the bar, steps by name, the present one last."""

    words: str
    percent: int
    steps: tuple
    n_steps: int | None
    is_open: bool
    is_unattended: bool

    @property
    def now(self):
        return self.steps[-1] if self.is_open and self.steps else None


def state(job, *, now, is_any_running=True):
    """The state of a run's job; unattended where nobody seems to take jobs up."""
    is_late = job.status == "waiting" and now - job.run_after > PATIENCE
    return State(
        words=WORDS[job.status],
        percent=round(100 * job.progress),
        steps=tuple(job.steps),
        n_steps=job.n_steps,
        is_open=job.is_open,
        is_unattended=is_late and not is_any_running,
    )


def outcomes(report):
    """How many criteria have each outcome, of those that came up."""
    counted = Counter(
        verdict["outcome"]
        for section in report["sections"]
        for verdict in section["verdicts"]
    )
    return [(outcome, counted[outcome]) for outcome in OUTCOMES if counted[outcome]]


def about(run):
    """Names and words of what a run is made of, for a list of pairs."""
    yield "Campaign", run.campaign.title
    yield from Choices.from_kept(run.choices).said()
    yield "Instrument", run.instrument
    if run.n_assessments is not None:
        made_up = f", {run.n_synthetic} made up" if run.n_synthetic else ""
        yield "Answers", f"{counted(run.n_assessments, 'form')}{made_up}"
    if run.software_version:
        yield "Software", run.software_version


def attached(run):
    """Each attachment with what it is called and when it came, for the same list."""
    names = {"plan": "Plan", "population": "Population table"}
    return [
        (names[found.kind], found, attachments.when(found)) for found in run.attachments
    ]


def kept(run):
    """Name, words and size in kilobytes of each file, in the order of use."""
    sizes = {file.name: file.n_bytes for file in run.files}
    return [
        (name, said, max(1, round(sizes[name] / 1000)))
        for name, said in report_files.SAID.items()
        if name in sizes
    ]
