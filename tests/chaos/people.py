"""People who answer while things break, and remember what was acknowledged to them."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import func, select

from surveyapp import bank
from surveyapp.models import Answer, AnswerHistory, Assessment

from ..processes import LOOK, end, moments, start
from ..surveyapp.served import MAIN, ROOT, Caller

FORM = bank.instrument("short_service_user.v1")
ITEMS = [item.id for item in FORM.items]


class Person(threading.Thread):
    """Answers every question again and again, at any of some hosts, until told.

    `acknowledged` is item -> the last value of which a page said that it is kept;
    `statuses` counts what came back, `refused` for a connection that broke.
    """

    def __init__(self, ports, is_over, *, token="open"):
        super().__init__(daemon=True)
        self.ports, self.is_over, self.token = itertools.cycle(ports), is_over, token
        self.caller = Caller(next(self.ports))
        self.acknowledged, self.statuses = {}, Counter()
        self.unsure = set()  # items whose last try got no answer

    def begin(self):
        self.caller.begin(self.token)
        self.start()
        return self

    def run(self):
        for turn in itertools.count():
            for number, item in enumerate(ITEMS, start=1):
                if self.is_over.is_set():
                    return
                self.caller.port = next(self.ports)
                self.answer(number, item, (number + turn) % 5)

    def answer(self, number, item, value):
        try:
            told = self.caller.call("POST", f"/survey/{number}", **{item: str(value)})
        except OSError:
            self.statuses["refused"] += 1
            self.unsure.add(item)
            time.sleep(LOOK)
            return
        self.statuses[told[0]] += 1
        if told[0] == 303:
            self.acknowledged[item] = value
            self.unsure.discard(item)
        elif told[0] != 503:
            self.unsure.add(item)


@contextmanager
def people(n, *ports):
    """Some people who answer until this is over; they have stopped afterwards."""
    is_over = threading.Event()
    everyone = [Person(ports, is_over) for _ in range(n)]
    with ThreadPoolExecutor(n) as pool:
        list(pool.map(Person.begin, everyone))
    try:
        yield everyone
    finally:
        is_over.set()
        for person in everyone:
            person.join()


def until_acknowledged(everyone, more):
    """Wait until so many more answers have been acknowledged, whatever breaks."""
    before = n_acknowledged(everyone)
    for _ in moments():
        if n_acknowledged(everyone) >= before + more:
            return
    raise AssertionError(f"only {n_acknowledged(everyone) - before} came through")


def n_acknowledged(everyone):
    return sum(person.statuses[303] for person in everyone)


def lost(session, everyone):
    """Values that were acknowledged and are neither kept nor in the history.

    Where a later try got no answer, either value may stand; the earlier one is then
    in the history.
    """
    session.rollback()
    stored = [
        ({a.item_id: a.value for a in assessment.answers}, history(session, assessment))
        for assessment in session.scalars(select(Assessment))
    ]
    missing = []
    for person in everyone:
        missing += min(
            (_missing(person, kept, before) for kept, before in stored), key=len
        )
    return missing


def history(session, assessment):
    query = select(AnswerHistory.item_id, AnswerHistory.value)
    query = query.where(AnswerHistory.assessment_id == assessment.id)
    return {tuple(row) for row in session.execute(query)}


def _missing(person, kept, before):
    return [
        (item, value)
        for item, value in person.acknowledged.items()
        if kept.get(item) != value
        and not (item in person.unsure and (item, value) in before)
    ]


def half_written(session):
    """Answers whose version does not say how many earlier ones there are."""
    session.rollback()
    n_before = (
        select(func.count())
        .select_from(AnswerHistory)
        .where(
            AnswerHistory.assessment_id == Answer.assessment_id,
            AnswerHistory.item_id == Answer.item_id,
        )
        .scalar_subquery()
    )
    query = select(Answer.id).where(Answer.version != n_before + 1)
    return session.scalars(query).all()


def tell(what, everyone, **more):
    """Print the counts of a test, which `make chaos` shows."""
    statuses = sum((person.statuses for person in everyone), Counter())
    told = {str(k): n for k, n in sorted(statuses.items(), key=lambda e: str(e[0]))}
    print(f"{what}: {told | more}")


@contextmanager
def host(env, port, *arguments):
    """A server on a port of its choice; all that it started is gone afterwards."""
    process = begin(env, port, *arguments)
    try:
        yield process
    finally:
        end(process)


def begin(env, port, *arguments):
    """Start a server, and wait until it takes requests."""
    command = [sys.executable, "-c", MAIN, "serve", "--port", str(port), *arguments]
    with log_of(env).open("ab") as log:
        kept = {"stdout": subprocess.DEVNULL, "stderr": log}
        process = start(command, cwd=ROOT, env=env, **kept)
    for _ in moments():
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with suppress(OSError):
            Caller(port).call("GET", "/robots.txt")
            return process
    raise RuntimeError("the server did not answer")


def log_of(env):
    folder = Path(env["PROM_INSTANCE"])
    folder.mkdir(exist_ok=True)
    return folder / "server.log"


def mistakes(env):
    """Kind and place of whatever the servers took for a mistake of the program."""
    lines = log_of(env).read_text(errors="replace").splitlines()
    return [line for line in lines if '"event": "broken"' in line]


def family(pid):
    """Pids of a process and of all that it started, and those."""
    found = [pid]
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in path.read_text().split():
                found += family(int(child))
    return found


def kill(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
