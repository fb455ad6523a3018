"""Where an attempt runs: in a process of its own, which can be ended at any moment."""

import subprocess
import sys
import threading

from sqlalchemy.orm import Session

from ..database import utc_now
from ..extensions import db
from . import attempt, lifecycle

BEAT = 5.0  # seconds between renewals of the lease
LOOK = 0.5  # seconds between looks at the process
stopping = threading.Event()  # set when this worker is to end


def run_inline(job_id):
    """Make an attempt in this very process; False where another has the job."""
    number = _claim(job_id)
    if number is None:
        return False
    attempt.run_attempt(job_id, number)
    return True


def run_in_subprocess(job_id):
    """Make an attempt in a new process, watched: its end is noticed, and a cancel.

    False where another has the job, or this worker is to end.
    """
    number = None if stopping.is_set() else _claim(job_id)
    if number is None:
        return False
    process = _start(job_id, number)
    try:
        _watch(process, job_id, number)
    finally:
        process.kill()
        process.wait()
    return True


def _claim(job_id):
    with Session(db.engine) as session:
        return lifecycle.claim(session, job_id, now=utc_now())


def _start(job_id, number):
    command = [sys.executable, "-m", "surveyapp.jobs", str(job_id), str(number)]
    # Apart from the terminal, or its Ctrl-C would reach both.
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def _watch(process, job_id, number):
    """Hold the job while the process lives; give it back if that ends early."""
    while True:
        for _ in range(round(BEAT / LOOK)):
            if stopping.wait(0) or _has_ended(process):
                return _hand_back(job_id, number, is_counted=not stopping.is_set())
        with Session(db.engine) as session:
            if not lifecycle.renew(session, job_id, number, now=utc_now()):
                return


def _has_ended(process):
    try:
        process.wait(LOOK)
    except subprocess.TimeoutExpired:
        return False
    return True


def _hand_back(job_id, number, *, is_counted):
    """What is done or failed stays so: it is not this attempt's any more."""
    with Session(db.engine) as session:
        lifecycle.hand_back(
            session, job_id, number, now=utc_now(), is_counted=is_counted
        )
