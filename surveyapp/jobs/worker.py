"""The worker: looks into the table, takes the next job that is due, attempts it."""

import os
import signal
import threading

from sqlalchemy.orm import Session

from .. import logs
from ..database import utc_now
from ..extensions import db, read_only_session
from . import heartbeat, lifecycle
from .registry import KINDS, RECURRING
from .subprocesses import run_in_subprocess, run_inline, stopping

LOOK = 1.0  # seconds between looks into the table
PATIENCE = 10  # seconds for an attempt that is under way to be handed back


def run(app, *, at_once=1, parent=None):
    """Work until a signal, or until the process `parent` is gone.

    What is not done then is handed back, and taken up by the next worker.
    """
    logs.take_over()
    stopping.clear()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    hands = [
        threading.Thread(target=work_until_stopped, args=(app,), daemon=True)
        for _ in range(at_once)
    ]
    beats = threading.Thread(
        target=heartbeat.beat_until_stopped, args=(app, stopping), daemon=True
    )
    for each in (*hands, beats):
        each.start()
    while not stopping.wait(LOOK):
        if parent is not None and os.getppid() != parent:
            stopping.set()
    for each in (*hands, beats):
        each.join(PATIENCE)


def work_until_stopped(app):
    """Take one job after another; what breaks is logged and the next is taken."""
    while not stopping.is_set():
        try:
            with app.app_context():
                has_worked = take_next(run_in_subprocess)
        except Exception as problem:  # a database that will be back
            logs.broken(problem, event="worker")
            has_worked = False
        if not has_worked:
            stopping.wait(LOOK)


def run_due():
    """Do in this process everything that is due now; how many jobs were done."""
    n = 0
    while take_next(run_inline):
        n += 1
    return n


def take_next(make_attempt):
    """Attempt the oldest job that is due and free; False where there is none."""
    put_recurring(now=utc_now())
    with read_only_session() as session:
        waiting = lifecycle.due(session, KINDS, now=utc_now())
    return any(make_attempt(job_id) for job_id in waiting)


def put_recurring(*, now):
    """Put the recurring jobs whose time has come into the table; their kinds."""
    due = {kind: recurrence.latest(now) for kind, recurrence in RECURRING.items()}
    with read_only_session() as session:
        missing = [k for k, at in due.items() if lifecycle.is_to_put(session, k, at)]
    if not missing:
        return []
    with Session(db.engine) as session:
        return [k for k in missing if lifecycle.put(session, k, due[k], now=now)]
