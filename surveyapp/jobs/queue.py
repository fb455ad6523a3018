"""The queue that wakes a worker: huey on SQLite, PostgreSQL or Redis, by setting.

A message is the number of a job and nothing else, written as JSON, so that nobody
who can write to the queue can make a worker run code. A lost message delays a job
by seconds: workers also look into the table.
"""

import json
import logging
from functools import cached_property

import psycopg
from flask import current_app
from huey import PostgresHuey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from .. import logs

NAME = "survey"
FILE = "queue.sqlite"
LOCK = 20170518  # an arbitrary number that stands for the making of the tables


class JobNumbers(Serializer):
    """Messages as [id, task, job number]."""

    def _serialize(self, message):
        return json.dumps([message.id, message.name, *message.args]).encode()

    def _deserialize(self, data):
        message_id, name, job_id = json.loads(data)
        return Message(id=message_id, name=name, args=(int(job_id),), kwargs={})


class Queue:
    """Made in extensions, bound to an application in create_app."""

    def init_app(self, app):
        logging.getLogger("huey").setLevel(logging.WARNING)
        app.extensions["queue"] = Messages(app)

    def wake(self, job_id):
        """Let a worker know of a job, whose row is committed.

        Where the queue does not answer a worker finds the job in the table.
        """
        try:
            current_app.extensions["queue"].send(job_id)
        except Exception as problem:
            logs.broken(problem, event="queue")


class Messages:
    """One application's messages; nothing is opened before the first.

    In tests the work is done at once, where it is asked for.
    """

    def __init__(self, app):
        self.app = app
        self.is_immediate = app.config["PROM"].environment == "test"

    @cached_property
    def task(self):
        huey = _storage(self.app.config["PROM"])
        return huey.task(name="attempt")(self.attempt)

    def send(self, job_id):
        if self.is_immediate:
            self.attempt(job_id)
        else:
            self.task(job_id)

    def attempt(self, job_id):
        from . import subprocesses

        host = subprocesses.here if self.is_immediate else subprocesses.apart
        host(self.app, job_id)

    def waiting(self):
        """Numbers of the jobs that a message is waiting for."""
        return {task.args[0] for task in self.task.huey.pending()}


def _storage(config):
    """The huey that the address asks for."""
    options = {"results": False, "serializer": JobNumbers()}
    address = config.queue_url
    if address.startswith("postgres"):
        return _on_postgresql(address.replace("+psycopg", ""), options)
    if address:
        return RedisHuey(NAME, url=address, **options)
    config.instance.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(NAME, filename=str(config.instance / FILE), **options)


def _on_postgresql(dsn, options):
    """Its tables are made by one process at a time: "if not exists" is not enough."""
    huey = PostgresHuey(
        NAME, dsn=dsn, table_prefix="queue", create_tables=False, **options
    )
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        huey.storage.initialize_schema()
    return huey
