"""The worker: takes messages, and looks into the table for what they missed."""

import os
import signal
import threading

from .. import logs
from ..database import utc_now
from . import attempt, lifecycle, subprocesses

SWEEP = 2.0  # seconds between looks into the table


def run(app, *, at_once=1, parent=None):
    """Work until a signal, or until the process `parent` is gone.

    What is not done then is handed back, and taken up by the next worker.
    """
    logs.take_over()
    messages = app.extensions["queue"]
    consumer = messages.task.huey.create_consumer(
        workers=at_once,
        periodic=False,
        max_delay=1.0,
        scheduler_interval=30,
        graceful_signal="TERM",
    )
    subprocesses.stopping.clear()
    sweeper = threading.Thread(
        target=_sweep, args=(app, consumer.stop_flag, parent), daemon=True
    )
    sweeper.start()
    consumer.run()
    subprocesses.stopping.set()
    for _, thread in consumer.worker_threads:
        thread.join(10)


def _sweep(app, is_over, parent):
    while not is_over.wait(SWEEP):
        if parent is not None and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            break
        try:
            with app.app_context():
                wake_due(app)
        except Exception as problem:  # a database or queue that will be back
            logs.broken(problem, event="sweep")
    subprocesses.stopping.set()


def wake_due(app):
    """Send a message for every job that is due and has none; their numbers."""
    messages = app.extensions["queue"]
    with attempt.reading() as session:
        found = lifecycle.due(session, now=utc_now())
    missed = sorted(set(found) - messages.waiting()) if found else []
    for job_id in missed:
        messages.send(job_id)
    return missed
