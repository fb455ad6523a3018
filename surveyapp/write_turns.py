"""Whoever writes to SQLite waits for its one lock in turn.

SQLite has no queue: who finds the lock taken sleeps, longer each time, and whoever
comes just then is served first, so that among many some wait for seconds. Here one
at a time, of all threads and processes, looks whether it is free, and often; the
others wait until they are the one. What holds is SQLite's own lock alone: a turn that
nobody gives away, as of a process that was stopped, is not waited for long.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

LOOK = 0.0005  # seconds between two looks
# Who has waited behind another thread lets another process come first.
PAUSE = 2 * LOOK
LONG = 0.5  # seconds, or half of one's patience: then a turn counts for nothing
ENDING = "-turn"
_of_threads: dict[str, Lock] = {}


def begin(driver: sqlite3.Connection, path: str | None) -> None:
    """Begin to write, within the connection's own patience.

    sqlite3.OperationalError where the lock is not to be had until then. A database
    in memory is nobody else's.
    """
    if not path or path == ":memory:":
        driver.execute("BEGIN IMMEDIATE")
        return
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    until = time.monotonic() + patience / 1000
    driver.execute("PRAGMA busy_timeout=0")
    try:
        with _first_of_threads(path, until), _first_of_processes(path, until):
            while not _took_lock(driver, until):
                time.sleep(LOOK)
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience}")


def _took_lock(driver: sqlite3.Connection, until: float) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as problem:
        said = getattr(problem, "sqlite_errorname", "")  # nothing of Python's own
        is_taken = said.startswith("SQLITE_BUSY")
        if not is_taken or time.monotonic() >= until:
            raise
        return False
    return True


@contextmanager
def _first_of_threads(path: str, until: float) -> Iterator[None]:
    lock = _of_threads.setdefault(path, Lock())
    is_first = lock.acquire(blocking=False)
    try:
        if not is_first:
            is_first = lock.acquire(timeout=max(0, until - time.monotonic()))
            time.sleep(PAUSE)
        yield
    finally:
        if is_first:
            lock.release()


@contextmanager
def _first_of_processes(path: str, until: float) -> Iterator[None]:
    """The turn is given away by word: a child made meanwhile has the file open too."""
    try:
        file = os.open(path + ENDING, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:  # a folder that cannot be written, or a full disk
        yield
        return
    now = time.monotonic()
    enough = now + min(LONG, (until - now) / 2)
    try:
        while not _took_turn(file) and time.monotonic() < enough:
            time.sleep(LOOK)
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)
        os.close(file)


def _took_turn(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system on which nothing can be locked
        pass
    return True


# A child of a process that was just waiting is nobody's turn.
os.register_at_fork(after_in_child=_of_threads.clear)
