"""Messages are numbers of jobs, on whatever the setting names."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from huey import PostgresHuey, RedisHuey, SqliteHuey

from surveyapp.database import utc_now
from surveyapp.errors import ConfigurationError
from surveyapp.extensions import queue
from surveyapp.jobs.queue import Messages
from surveyapp.jobs.worker import wake_due
from surveyapp.models import Job


@pytest.fixture
def queued(app_with, config, tmp_path):
    """An application with a queue that a worker would read, by kind of address."""
    made = []

    def make(address=""):
        changes = {"environment": "local", "queue_url": address, "instance": tmp_path}
        app = app_with(**changes)
        made.append(app.extensions["queue"])
        return app

    yield make
    for messages in made:
        messages.task.huey.storage.close()


def addresses(config):
    """SQLite, and the database of the tests where that is PostgreSQL."""
    return ["", *([config.database_url] if "postgres" in config.database_url else [])]


def test_a_message_carries_a_number_and_no_code(queued, config):
    for address in addresses(config):
        messages = queued(address).extensions["queue"]
        huey = messages.task.huey
        assert isinstance(huey, PostgresHuey if address else SqliteHuey)
        huey.flush()
        messages.send(7)
        assert json.loads(huey.storage.enqueued_items()[0])[2:] == [7]
        assert messages.waiting() == {7}
        assert huey.dequeue().args == (7,)
        assert huey.dequeue() is None
        if address:
            _drop_tables(huey)


def _drop_tables(huey):
    for name in ("kv", "schedule", "task", "counter"):
        huey.storage.sql(f"DROP TABLE queue_{name}")


def test_redis_is_used_where_the_address_names_it(config):
    settings = replace(config, environment="local", queue_url="redis://127.0.0.1:1/0")
    messages = Messages(SimpleNamespace(config={"PROM": settings}))
    assert isinstance(messages.task.huey, RedisHuey)


def test_a_queue_of_another_kind_is_refused_at_the_start(config):
    with pytest.raises(ConfigurationError, match="PROM_QUEUE_URL"):
        replace(config, queue_url="amqp://example").checked()


def test_jobs_whose_message_was_lost_are_sent_again_once(queued, session):
    app = queued()
    session.add(Job(name="validation", run_after=utc_now()))
    session.add(Job(name="validation", status="done"))
    session.commit()
    with app.app_context():
        assert wake_due(app) == [
            session.query(Job.id).filter_by(status="waiting").scalar()
        ]
        assert wake_due(app) == []


def test_a_queue_that_does_not_answer_leaves_the_job_to_the_table(queued, capsys):
    app = queued("redis://127.0.0.1:1/0")
    with app.app_context():
        queue.wake(1)
    assert '"kind": "ConnectionError"' in capsys.readouterr().err
