"""Ctrl-C at any moment: what was begun is tidied up, and what is done stays whole."""

import signal
import threading
from contextlib import contextmanager

import click

STOPPED = 130  # what a shell expects of a program that Ctrl-C ended


@contextmanager
def held(*, is_last=False):
    """Put Ctrl-C off until the block is done; of the last one it is too late."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came and not is_last:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def stoppable(message):
    """Turn Ctrl-C into one line on standard error and exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        with held():
            click.echo(message, err=True)
        raise click.exceptions.Exit(STOPPED) from None
