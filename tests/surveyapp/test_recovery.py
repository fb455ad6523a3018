"""Backup and restore, and a database that is busy: nothing lost, nothing pretended."""

import sqlite3
from contextlib import closing, contextmanager

import flask_migrate
from sqlalchemy import event, func, select, text

from surveyapp import audit, create_app, demo
from surveyapp.config import Config
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import Answer, Assessment, Score

from ..conftest import KEYS
from ..factories import make_team, make_trust
from .signing_in import sign_in


def counts(session):
    kinds = (Assessment, Answer, Score)
    return [session.scalar(select(func.count(kind.id))) for kind in kinds]


def opened(path):
    """An application on the SQLite file at `path`."""
    return create_app(
        Config(environment="test", database_url=f"sqlite:///{path}", **KEYS)
    )


def test_a_restored_backup_has_every_row_and_the_same_chain(tmp_path):
    live, copy = tmp_path / "survey.sqlite", tmp_path / "copy.sqlite"
    with opened(live).app_context():
        flask_migrate.upgrade()
        demo.build(db.session, now=utc_now(), link_key="k", sizes={"carer": 12})
        event = {"actor": "system", "action": "backup.made", "subject": None}
        audit.record(db.session, **event)
        db.session.commit()
        held = counts(db.session), audit.verify(db.session)
        db.engine.dispose()
    with closing(sqlite3.connect(live)) as one, closing(sqlite3.connect(copy)) as other:
        one.backup(other)
    with opened(copy).app_context():
        assert (counts(db.session), audit.verify(db.session)) == held
        db.session.remove()
        db.engine.dispose()


def test_a_database_that_stays_busy_is_told_and_nothing_is_half_stored(
    app, client, session
):
    user = sign_in(client, session, "administrator")
    trust = user.grants[0].trust_id
    session.commit()
    with app.app_context(), impatient(db.engine), db.engine.connect() as other:
        other.execute(text(HOLD[other.dialect.name]))
        response = client.post(f"/admin/trusts/{trust}/teams", data={"name": "New"})
        other.rollback()
    assert response.status_code == 503
    assert "What you sent just now may not be stored yet" in response.text
    assert 'name="name" value="New"' in response.text
    done = client.post(f"/admin/trusts/{trust}/teams", data={"name": "New"})
    assert done.status_code == 303


# On SQLite whoever writes holds the one write lock.
HOLD = {
    "sqlite": "UPDATE team SET name = name",
    "postgresql": "LOCK TABLE team IN EXCLUSIVE MODE",
}
HURRY = {"sqlite": "PRAGMA busy_timeout=50", "postgresql": "SET lock_timeout=50"}


@contextmanager
def impatient(engine):
    """Let every connection of the pool give up at once for a while."""

    def set_patience(connection, *_):
        connection.execute(HURRY[engine.dialect.name])
        connection.commit()

    event.listen(engine, "checkout", set_patience)
    yield
    event.remove(engine, "checkout", set_patience)
    engine.dispose()


def test_what_is_not_committed_leaves_no_trace(session):
    make_team(session, make_trust(session))
    session.rollback()
    assert session.scalar(text("SELECT count(*) FROM team")) == 0
