"""A full disk and a lock that is held: refused in words, kept in the page, no more."""

import resource
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy.orm import Session

from surveyapp import create_app
from surveyapp.extensions import db

from .. import factories
from ..processes import moments
from ..surveyapp.served import environment, free_port
from . import people

pytestmark = pytest.mark.one_database
ROOM = 60_000  # bytes that the database may still grow


@pytest.fixture
def own(config, tmp_path):
    """An installation with a file of its own, whose processes can be cut short."""
    theirs = replace(
        config, database_url=f"sqlite:///{tmp_path / 'own.sqlite'}", instance=tmp_path
    )
    app = create_app(theirs)
    with app.app_context():
        flask_migrate.upgrade()
        with Session(db.engine) as session:
            factories.make_invitation(session, token="open", is_open=True)
            session.commit()
            yield theirs, session
        db.session.remove()
        db.engine.dispose()


def until_refused(everyone, more):
    """Wait until so many more were told that nothing was stored."""

    def n():
        return sum(person.statuses[503] for person in everyone)

    before = n()
    for _ in moments():
        if n() >= before + more:
            return
    raise AssertionError("nothing was refused")


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_a_full_disk_refuses_and_loses_nothing_and_ends(own, rounds):
    config, session = own
    with people.host(environment(config), free := free_port(), "--no-worker") as server:
        with people.people(3, free) as everyone:
            for _ in range(rounds):
                people.until_acknowledged(everyone, 20)
                limit(server, size_now(config) + ROOM)
                until_refused(everyone, 3)
                limit(server, resource.RLIM_INFINITY)
                people.until_acknowledged(everyone, 20)
    missing, half = people.lost(session, everyone), people.half_written(session)
    people.tell("full disk", everyone, lost=len(missing), half=len(half))
    assert (missing, half) == ([], [])
    assert {*sum((p.statuses for p in everyone), start=people.Counter())} <= {303, 503}


def size_now(config):
    """The size of the database's largest file, its log being emptied before.

    A log that has been as long as it gets is written anew from its beginning, and
    would find room for tens of thousands of answers.
    """
    path = Path(config.url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files = (p for p in path.parent.glob(f"{path.name}*") if p.is_file())
    return max(p.stat().st_size for p in files)


def limit(server, size):
    """No process of the server can write a file beyond a size, from now on."""
    for pid in people.family(server.pid):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.slow
def test_a_lock_that_is_held_for_long_refuses_and_loses_nothing(own):
    config, session = own
    path = config.url.removeprefix("sqlite:///")
    with people.host(environment(config), free := free_port(), "--no-worker"):
        with people.people(3, free) as everyone:
            people.until_acknowledged(everyone, 20)
            # SQLite has no queue: among many who write, it may be long until our turn.
            with closing(sqlite3.connect(path, 120, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                until_refused(everyone, 3)
                other.execute("ROLLBACK")
            people.until_acknowledged(everyone, 20)
    missing, half = people.lost(session, everyone), people.half_written(session)
    people.tell("locked", everyone, lost=len(missing), half=len(half))
    assert (missing, half) == ([], [])
