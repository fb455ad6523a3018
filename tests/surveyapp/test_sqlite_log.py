"""What was deleted goes out of SQLite's log too, and who runs it hears where not."""

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from surveyapp import create_app, sqlite_log
from surveyapp.assessments import retention
from surveyapp.config import Config
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import AuditEvent, Team
from surveyapp.operations import doctor, key_rotation

from .. import factories
from ..conftest import KEYS, empty
from ..databases import files_beside
from .served import environment


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """Two sessions on a SQLite file that is emptied at once or not at all."""
    monkeypatch.setattr(sqlite_log, "SHORTLY", 0)
    monkeypatch.setattr(sqlite_log, "PAUSE", 0)
    path = tmp_path / "survey.sqlite"
    address = f"sqlite:///{path}"
    app = create_app(Config(environment="test", database_url=address, **KEYS))
    with app.app_context():
        db.create_all()
        empty(db.engine)
        with Session(db.engine) as one, Session(db.engine) as other:
            factories.make_trust(other)
            other.commit()
            yield one, other, path
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def reading(pair):
    """The first session, and what ends the reading of the other."""
    one, other, _ = pair
    other.scalar(select(func.count()).select_from(Team))
    one.add(Team(trust_id=1, name="Zanzibar team"))
    one.commit()
    return one, other.rollback


def noted(session):
    return session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()


def test_what_was_deleted_stands_in_no_file_once_the_log_is_emptied(pair):
    one, _, path = pair
    one.add(Team(trust_id=1, name="Zanzibar team"))
    one.commit()
    one.execute(delete(Team))
    one.commit()
    assert b"Zanzibar" in b"".join(files_beside(path).values())
    assert sqlite_log.empty(one)
    assert b"Zanzibar" not in b"".join(files_beside(path).values())


def test_a_log_that_somebody_reads_is_emptied_another_time(reading):
    one, end = reading
    assert not sqlite_log.empty(one)
    end()
    assert sqlite_log.empty(one)


def test_a_night_in_which_the_log_stayed_is_in_the_record_until_one_in_which_not(
    reading,
):
    one, end = reading
    for _ in range(2):
        retention.delete_what_has_had_its_time(one, None, None)
        assert noted(one) == ["log.kept"]
    end()
    for _ in range(2):
        retention.delete_what_has_had_its_time(one, None, None)
        assert noted(one) == ["log.kept", "log.emptied"]


def test_who_comes_to_an_end_between_two_tries_is_waited_for(reading, monkeypatch):
    one, end = reading
    monkeypatch.setattr(sqlite_log.time, "sleep", lambda _seconds: end())
    assert sqlite_log.empty_or_note(one, now=utc_now())
    assert noted(one) == []


@pytest.mark.one_database
def test_doctor_says_since_when_what_was_deleted_stands_in_the_log(
    config, app, session, monkeypatch
):
    def told():
        found = doctor.examine(environment(config), now=utc_now())
        return [f.words for f in found if f.part == "log" and f.how == doctor.WRONG]

    monkeypatch.setattr(sqlite_log, "TRIES", 1)
    assert told() == []
    with app.app_context():
        for is_possible in (False, True):
            monkeypatch.setattr(sqlite_log, "empty", lambda _session: is_possible)
            key_rotation.rotate(config, session, now=utc_now())
            assert ("run `prom keys rotate`" in "".join(told())) is not is_possible
