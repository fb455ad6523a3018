"""Other processes: started with signals of their own, waited for with patience.

A wait gives up after `PATIENCE`, so that a hang ends; it is no verdict on speed.
"""

import signal
import subprocess
import time
from contextlib import contextmanager

PATIENCE = 180  # seconds
LOOK = 0.05  # seconds between two looks


@contextmanager
def own_signals():
    """Ctrl-C and SIGTERM as a program in the foreground meets them.

    A job that a shell started in the background ignores Ctrl-C, and whatever it starts
    would ignore it too.
    """
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGTERM: signal.signal(signal.SIGTERM, signal.SIG_DFL),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start(command, **options):
    """A process that goes on beside the test."""
    with own_signals():
        return subprocess.Popen(command, **options)


def end(process):
    """Ask a process to end and wait until it has."""
    process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def when(look):
    """What `look()` gives, as soon as it is something."""
    for _ in moments():
        if answer := look():
            return answer
    raise AssertionError("it did not come")


def moments():
    """Short pauses, until patience ends."""
    end_of_patience = time.monotonic() + PATIENCE
    while time.monotonic() < end_of_patience:
        yield
        time.sleep(LOOK)
