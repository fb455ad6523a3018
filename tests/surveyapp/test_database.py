"""When a write lock is taken: with the first statement that writes, and no sooner."""

import contextlib
import sqlite3

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from surveyapp import create_app
from surveyapp.config import Config
from surveyapp.database import let_go, read_alone
from surveyapp.extensions import db
from surveyapp.models import Team, Trust

from .. import factories
from ..conftest import KEYS


@pytest.fixture
def pair(app):
    """Two sessions on connections of their own, and a trust that both know."""
    with app.app_context(), Session(db.engine) as one, Session(db.engine) as other:
        trust = factories.make_trust(other)
        other.commit()
        yield one, other, trust.id


@pytest.fixture
def impatient(tmp_path):
    """Two sessions on a SQLite file, of which neither waits for the other's lock."""
    path = tmp_path / "survey.sqlite"
    address = f"sqlite:///{path}"
    app = create_app(Config(environment="test", database_url=address, **KEYS))
    with app.app_context():
        db.create_all()
        event.listen(db.engine, "checkout", hurry)
        with Session(db.engine) as one, Session(db.engine) as other:
            factories.make_trust(other)
            other.commit()
            yield one, other, path
        db.session.remove()
        db.engine.dispose()


def hurry(connection, *_):
    connection.execute("PRAGMA busy_timeout=0")


def n_teams(session):
    return session.scalar(select(func.count()).select_from(Team))


def test_who_has_read_may_write_though_another_wrote_in_between(pair):
    one, other, trust_id = pair
    assert n_teams(one) == 0
    other.add(Team(trust_id=trust_id, name="Harbour team"))
    other.commit()
    one.add(Team(trust_id=trust_id, name="Valley team"))
    one.commit()
    assert n_teams(other) == 2


def test_reading_holds_up_nobody_who_writes(impatient):
    one, other, _ = impatient
    assert n_teams(one) == 0
    other.add(Team(trust_id=1, name="Harbour team"))
    other.commit()


@pytest.mark.parametrize("first", ["for update", "write", "savepoint"])
def test_the_lock_is_held_from_the_first_that_writes_or_asks_for_update(
    impatient, first
):
    one, other, _ = impatient
    if first == "for update":
        one.scalars(select(Trust).with_for_update()).all()
    elif first == "write":
        one.execute(text("UPDATE trust SET name = name"))
    else:
        one.begin_nested()
        n_teams(one)
    other.add(Team(trust_id=1, name="Harbour team"))
    with pytest.raises(OperationalError, match="locked"):
        other.commit()


def test_what_follows_a_lock_that_was_not_had_does_not_commit_itself(impatient):
    one, other, path = impatient
    other.execute(text("UPDATE team SET name = name"))
    with one.connection() as connection:
        with pytest.raises(OperationalError, match="locked"):
            connection.execute(text("UPDATE trust SET name = 'half'"))
        other.rollback()
        connection.execute(text("UPDATE trust SET name = 'half'"))
        connection.rollback()
    with contextlib.closing(sqlite3.connect(path)) as plain:
        assert plain.execute("SELECT name FROM trust").fetchall() == [("Northmoor",)]


def test_letting_go_keeps_what_was_loaded_and_refuses_what_is_to_be_written(pair):
    one, _, trust_id = pair
    one.expire_on_commit = False
    held = one.get(Trust, trust_id)
    let_go(one)
    assert held.name == "Northmoor" and not one.in_transaction()
    held.name = "Another"
    with pytest.raises(RuntimeError, match="still to be written"):
        let_go(one)


def test_what_is_read_alone_leaves_transactions_to_whoever_comes_next(app, session):
    """The connection that comes back to the pool ends what it begins, as ever."""
    with app.app_context():
        with read_alone(db.engine) as connection:
            read = connection.connection.dbapi_connection
            assert connection.scalar(select(func.count(Trust.id))) == 0
            is_alone = getattr(read, "autocommit", None)
        with db.engine.connect() as connection:
            connection.execute(insert(Trust).values(name="Northmoor", slug="n"))
        assert session.scalar(select(func.count(Trust.id))) == 0
        if db.engine.dialect.name == "postgresql":
            assert is_alone and not read.autocommit
