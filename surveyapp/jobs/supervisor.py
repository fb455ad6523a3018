"""A worker beside a server that was started by hand: it comes and goes with it.

python -m surveyapp.jobs.supervisor SERVER keeps one going while that process lives.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

from .. import logs

MAIN = "from surveyapp.cli import main; main()"
LOOK = 0.5  # seconds between looks at the worker and the server
GRACE = 15  # seconds for a worker to hand back what it holds


@contextmanager
def supervised_worker():
    """Keep a worker going; end it when this process leaves, not when a fork does.

    Its keeper is a process too, and is replaced like the worker when it is killed.
    """
    owner, is_over = os.getpid(), threading.Event()
    keepers = [_start_keeper(owner)]

    def replace():
        while not is_over.is_set():
            keepers[-1].wait()
            if not is_over.wait(2 * LOOK):
                keepers.append(_start_keeper(owner))

    threading.Thread(target=replace, daemon=True).start()
    try:
        yield
    finally:
        if os.getpid() == owner:
            is_over.set()
            _end(keepers[-1])


def _start_keeper(owner):
    module = "surveyapp.jobs.supervisor"
    return _start("-m", module, str(owner), start_new_session=True)


def supervise(server):
    """Start another worker whenever one ends, until the server is gone."""
    is_over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: is_over.set())
    while os.getppid() == server and not is_over.is_set():
        worker = _start("-c", MAIN, "work", "--beside", str(os.getpid()))
        while os.getppid() == server and worker.poll() is None:
            if is_over.wait(LOOK):
                break
        _end(worker)
        is_over.wait(2 * LOOK)


def _start(*arguments, **options):
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, *arguments], **quiet, **options)


def _end(process):
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    logs.take_over()
    supervise(int(sys.argv[1]))
