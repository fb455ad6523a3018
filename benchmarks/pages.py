"""What a page and an answer of the survey cost, beside the least that could be.

    PYTHONPATH=. python benchmarks/pages.py

In one run, on one core: processor time of a page of questions, of an answer and of
the front page, each beside an empty page of Flask asked for in the same way; an
answer on disk beside a bare commit of as much. Rounds of both sides take turns and the
least of each counts. SQL statements are printed too; tests hold those.
"""

import base64
import hashlib
import re
import secrets
import sqlite3
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from surveyapp import create_app
from surveyapp.config import Config
from surveyapp.database import PRAGMAS, utc_now
from surveyapp.extensions import db
from surveyapp.models import (
    Campaign,
    CampaignInstrument,
    Invitation,
    InvitationToken,
    Team,
    Trust,
)

KEYS = {
    "secret_key": secrets.token_hex(24),
    "token_pepper": secrets.token_hex(24),
    "field_keys": (base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),),
}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
STATEMENTS = ("taking_part", "retest", "contact", "sharing")
FORM = "short_service_user.v1"
# The least share of the empty page that each may reach.
AIMS = {"question page": 0.20, "answer": 0.12}
OTHERS = 56  # steps a second on one core of the ONS's survey runner, measured here
ON_DISK = 0.75  # the least share of the bare commits
ROUNDS, TIMES = 30, 40


def build(folder):
    """An application with one open campaign in a database of its own."""
    app = create_app(Config(environment="test", instance=folder, **KEYS))
    app.config["PROM"].instance.mkdir(parents=True, exist_ok=True)
    with app.app_context():
        flask_migrate.upgrade()
        trust = Trust(name="Northmoor", slug="northmoor")
        team = Team(trust=trust, name="Harbour team")
        campaign = Campaign(
            trust=trust,
            teams=[team],
            instruments=[
                CampaignInstrument(perspective="service_user", instrument=FORM)
            ],
            title="How involved are you?",
            opens_at=utc_now() - timedelta(days=1),
        )
        digest = hashlib.sha256(b"a-token").hexdigest()
        invitation = Invitation(
            campaign=campaign,
            is_open=True,
            tokens=[InvitationToken(token_hash=digest)],
        )
        db.session.add(invitation)
        db.session.commit()
    return app


class Person:
    """Someone at a browser, from the link to the first page of questions."""

    def __init__(self, app):
        self.client, self.page, self.turn = app.test_client(), "", 0
        self._get("/s/a-token")
        self._post("/s/a-token")
        self._get("/survey/consent")
        if "/survey/for-whom" in self.path:
            self._post(self.path, adult="yes", recent_contact="yes")
        self._post(self.path, **{f"consent_{s}": "yes" for s in STATEMENTS})
        self.show()
        names = re.findall(r'name="(\w+)" type="radio"', self.page)
        self.name = names[0]

    def _get(self, path):
        return self._took(self.client.get(path, follow_redirects=True))

    def _post(self, path, **fields):
        fields["csrf_token"] = TOKEN.search(self.page)[1]
        return self._took(self.client.post(path, data=fields, follow_redirects=True))

    def _took(self, response):
        self.page, self.path = response.get_data(as_text=True), response.request.path
        return response

    def show(self):
        """Ask for the first page of questions."""
        response = self.client.get("/survey/1")
        assert response.status_code == 200, response.status_code
        self.page = response.get_data(as_text=True)

    def front(self):
        assert self.client.get("/").status_code == 200

    def answer(self):
        """Send an answer that is another than the one before."""
        self.turn += 1
        fields = {
            "csrf_token": TOKEN.search(self.page)[1],
            self.name: str(self.turn % 5),
        }
        response = self.client.post("/survey/1", data=fields)
        assert response.status_code == 303, response.status_code


def empty_page():
    """A visit to a Flask application with one empty page."""
    app = Flask("empty")
    app.add_url_rule("/", view_func=lambda: "<!doctype html><title>Empty</title>")
    client = app.test_client()
    return lambda: client.get("/")


def commits(folder):
    """Storing as much as an answer does, durably, with nothing around it."""
    connection = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")
    connection.execute("CREATE TABLE answer (id INTEGER PRIMARY KEY, value INTEGER)")
    connection.execute("CREATE TABLE history (id INTEGER PRIMARY KEY, value INTEGER)")
    connection.execute("INSERT INTO answer VALUES (1, 0)")

    def commit():
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE answer SET value = (value + 1) % 5")
        connection.execute("INSERT INTO history (value) VALUES (1)")
        connection.execute("COMMIT")

    return commit


def least(works):
    """Name -> least (processor, elapsed) milliseconds of one call of each work."""
    best = {name: (float("inf"), float("inf")) for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(TIMES):
                work()
            spent = time.process_time() - cpu, time.perf_counter() - wall
            spent = tuple(1000 * seconds / TIMES for seconds in spent)
            best[name] = tuple(map(min, best[name], spent))
    return best


def statements(work):
    """How many SQL statements a piece of work sends."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    kept = [s for s in sent if s.split()[0] not in ("BEGIN", "COMMIT", "PRAGMA")]
    return len(kept)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        person = Person(build(folder))
        works = {
            "empty page of Flask": empty_page(),
            "bare commit": commits(folder),
            "front page": person.front,
            "question page": person.show,
            "answer": person.answer,
        }
        for work in works.values():
            for _ in range(5):
                work()
        counts = {
            n: statements(works[n]) for n in ("front page", "question page", "answer")
        }
        best = least(works)
    tell(best, counts)


def tell(best, counts):
    """Each figure beside its aim; an answer's processor is beside its commit."""
    empty, raw = best["empty page of Flask"][0], best["bare commit"]
    best["answer"] = (best["answer"][0] - raw[0], best["answer"][1])
    print(f"empty page of Flask: {empty:.3f} ms")
    print(f"bare commit: {raw[0]:.3f} ms of processor, {raw[1]:.3f} ms elapsed")
    for name, n in counts.items():
        cpu, wall = best[name]
        aim = f", aim {AIMS[name]:.2f}" if name in AIMS else ""
        print(
            f"{name}: {empty / cpu:.3f} of the empty page{aim} "
            f"({cpu:.2f} ms of processor, {wall:.2f} ms elapsed, {n} statements)"
        )
    steps = 1000 / (best["question page"][0] + best["answer"][0] + raw[0])
    print(
        f"question steps: {steps:.0f} a second on one core, {steps / OTHERS:.1f} times "
        f"the {OTHERS} of the ONS's runner, aim 5"
    )
    beside = best["answer"][1] - raw[1]
    slow = beside * ON_DISK / (1 - ON_DISK)
    print(
        f"answers on disk: {raw[1] / best['answer'][1]:.3f} of the bare commits of one "
        f"writer, aim {ON_DISK}; reached where a commit takes {slow:.1f} ms or more"
    )


if __name__ == "__main__":
    sys.exit(main())
