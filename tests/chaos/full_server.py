"""Fills the disk under a PostgreSQL server while people answer.

    mount -t tmpfs -o size=200m,mode=777 tmpfs /mnt/small
    OMP_NUM_THREADS=1 python -m tests.chaos.full_server /mnt/small

It needs a file system of its own, and so is no test of the suite. A server is started
there, the rest of the room is taken until answers are refused, and given back, three
times. It prints what was acknowledged, refused and lost.
"""

import os
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from surveyapp.config import Config

from .. import databases
from ..conftest import KEYS
from ..surveyapp.served import free_port
from . import people
from .test_disk_and_lock import until_refused
from .test_kills import own

ROUNDS = 3
PIECES = (2**16, 2**12, 2**9)  # bytes


@contextmanager
def no_room(folder):
    """Every byte that is left in a file system is taken meanwhile."""
    path = folder / "taken"
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    for size in PIECES:
        with suppress(OSError):
            while True:
                os.write(file, bytes(size))
    os.close(file)
    try:
        yield
    finally:
        path.unlink()


def main(folder):
    tempfile.tempdir = str(folder)  # where the server is made
    with databases.own_postgresql() as (address, _restart):
        with tempfile.TemporaryDirectory(dir="/tmp") as instance:
            told = Config(environment="local", **KEYS)
            with own(told, address, Path(instance)) as (session, env):
                everyone = answer(env, folder)
                missing = people.lost(session, everyone)
                half = people.half_written(session)
    people.tell("full server", everyone, lost=len(missing), half=len(half))
    return 1 if missing or half else 0


def answer(env, folder):
    """People who answer, with and without room on the disk."""
    with people.host(env, port := free_port(), "--no-worker"):
        with people.people(3, port) as everyone:
            for _ in range(ROUNDS):
                people.until_acknowledged(everyone, 20)
                with no_room(folder):
                    until_refused(everyone, 3)
                people.until_acknowledged(everyone, 20)
    return everyone


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
