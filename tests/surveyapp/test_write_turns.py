"""Whoever waits for SQLite's write lock comes in turn, and within its patience."""

import errno
import fcntl
import os
import sqlite3
import threading
from contextlib import closing

import pytest

from surveyapp import write_turns

pytestmark = pytest.mark.one_database
N_WRITERS, N_ROWS = 4, 40


@pytest.fixture
def path(tmp_path):
    """A database with one table."""
    path = str(tmp_path / "some.sqlite")
    with closing(connected(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, writer INTEGER)")
    return path


def connected(path, patience=60_000):
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout={patience}")
    return connection


@pytest.fixture
def patient(path):
    with closing(connected(path)) as connection:
        yield connection


@pytest.fixture
def hurried(path):
    with closing(connected(path, patience=20)) as connection:
        yield connection


@pytest.fixture
def turn(path):
    """A turn that somebody else has."""
    file = os.open(path + write_turns.ENDING, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    yield file
    os.close(file)


@pytest.fixture
def clock(monkeypatch):
    """Time that goes on by sleeping alone; `at` has what happens then."""

    class Clock:
        now, at = 0.0, {}

        def sleep(self, seconds):
            self.now += seconds
            for time in [time for time in self.at if time <= self.now]:
                self.at.pop(time)()

    clock = Clock()
    monkeypatch.setattr(write_turns.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(write_turns.time, "sleep", clock.sleep)
    return clock


def test_of_many_who_write_at_once_each_comes_as_often_as_the_others(path, patient):
    together = threading.Barrier(N_WRITERS)

    def write(number):
        with closing(connected(path)) as connection:
            together.wait()
            for _ in range(N_ROWS):
                write_turns.begin(connection, path)
                connection.execute("INSERT INTO row (writer) VALUES (?)", (number,))
                sum(range(20_000))  # as long as an answer takes
                connection.execute("COMMIT")

    writers = [threading.Thread(target=write, args=(n,)) for n in range(N_WRITERS)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    order = [n for (n,) in patient.execute("SELECT writer FROM row ORDER BY id")]
    amid = order[: N_WRITERS * N_ROWS // 2]
    assert len(order) == N_WRITERS * N_ROWS
    assert min(map(amid.count, range(N_WRITERS))) >= N_ROWS // 8


def test_who_has_waited_longer_in_another_process_comes_first(
    path, patient, turn, monkeypatch
):
    looks = []

    def sleep(_seconds):
        looks.append(patient.in_transaction)
        if len(looks) == 3:
            fcntl.flock(turn, fcntl.LOCK_UN)

    monkeypatch.setattr(write_turns.time, "sleep", sleep)
    write_turns.begin(patient, path)
    assert looks == [False, False, False]
    assert patient.in_transaction


def test_a_turn_that_nobody_gives_away_keeps_nobody_out(path, hurried, turn):
    write_turns.begin(hurried, path)
    assert hurried.in_transaction


def test_a_process_that_was_stopped_in_its_turn_holds_nobody_up_for_long(
    path, patient, turn, clock
):
    write_turns.begin(patient, path)
    assert clock.now <= 1


def test_who_no_longer_waits_for_a_turn_asks_as_often_as_who_has_it(
    path, patient, hurried, turn, clock
):
    hurried.execute("PRAGMA busy_timeout=400")
    write_turns.begin(hurried, path)
    hurried.execute("COMMIT")
    assert 0.1 < clock.now < 0.3
    with closing(connected(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        clock.at[1.5] = lambda: other.execute("COMMIT")
        write_turns.begin(patient, path)
    assert 1.5 <= clock.now < 1.6


def test_a_child_that_was_made_in_a_turn_does_not_keep_it(
    path, patient, clock, monkeypatch
):
    copies, opened = [], os.open

    def open_as_for_a_child_too(*args):
        file = opened(*args)
        copies.append(os.dup(file))  # one lock for both, as after a fork
        return file

    monkeypatch.setattr(write_turns.os, "open", open_as_for_a_child_too)
    for _ in range(2):
        write_turns.begin(patient, path)
        patient.execute("COMMIT")
    for each in copies:
        os.close(each)
    assert len(copies) == 2
    assert clock.now == 0


def test_where_no_file_can_be_locked_nobody_waits_for_a_turn(
    path, patient, clock, monkeypatch
):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(write_turns.fcntl, "flock", refuse)
    write_turns.begin(patient, path)
    assert clock.now == 0


def test_a_lock_that_is_held_is_an_error_within_the_connections_patience(
    path, patient, hurried
):
    write_turns.begin(patient, path)
    with pytest.raises(sqlite3.OperationalError) as refused:
        write_turns.begin(hurried, path)
    assert refused.value.sqlite_errorname == "SQLITE_BUSY"
    assert hurried.execute("PRAGMA busy_timeout").fetchone() == (20,)
    patient.execute("COMMIT")
    write_turns.begin(hurried, path)


def test_only_this_user_can_stand_in_the_way(path, patient):
    before = os.umask(0o022)
    try:
        write_turns.begin(patient, path)
    finally:
        os.umask(before)
    assert os.stat(path + write_turns.ENDING).st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_hinders_nobody(path, patient, monkeypatch):
    monkeypatch.setattr(write_turns, "ENDING", "/is/no/folder")
    write_turns.begin(patient, path)
    assert patient.in_transaction
