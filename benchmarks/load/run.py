"""How many people the survey serves at once, beside the least that could be.

    python -m venv /tmp/load && /tmp/load/bin/pip install locust
    PYTHONPATH=. python benchmarks/load/run.py --locust /tmp/load/bin/locust

For SQLite, and for PostgreSQL where `--postgresql` gives the address of an empty
database: people at 1, 8, 32, ... at a time against the real server; an empty page of
Flask on the same server and bare commits by as many at a time, in the same run. It
prints pages and kept answers a second once people have begun, their share of those
ceilings, the 50th and 99th percentile, what was acknowledged and is not in the
database, and the memory of the server before and after. The people, the server and the
database share the machine.
"""

import argparse
import base64
import csv
import hashlib
import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import flask_migrate
from sqlalchemy import func, select

from surveyapp import create_app
from surveyapp.config import Config
from surveyapp.database import PRAGMAS, utc_now
from surveyapp.extensions import db
from surveyapp.models import (
    Answer,
    AnswerHistory,
    Campaign,
    CampaignInstrument,
    Invitation,
    InvitationToken,
    Team,
    Trust,
)

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
FORM, LINK = "short_service_user.v1", "a-link"
LONGEST = 300  # seconds until all have begun
HALF = 16  # people who ask for half of what the server can do
MAIN = "from surveyapp.cli import main; main()"
EMPTY = """
from flask import Flask
from surveyapp.serving import options
from gunicorn.app.base import BaseApplication
import sys
app = Flask("empty")
app.add_url_rule("/", view_func=lambda: "<!doctype html><title>Empty</title>")
class Server(BaseApplication):
    def load_config(self):
        for name, value in options(int(sys.argv[1]), int(sys.argv[2])).items():
            if name in ("bind", "workers", "threads", "preload_app"):
                self.cfg.set(name, value)
        self.cfg.set("worker_class", "gthread")
    def load(self):
        return app
Server().run()
"""
ASKING = """
from locust import FastHttpUser, task
class Person(FastHttpUser):
    @task
    def ask(self):
        self.client.get("/", name="empty page")
"""


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        databases = {"SQLite": f"sqlite:///{folder / 'survey.sqlite'}"}
        if options.postgresql:
            databases["PostgreSQL"] = options.postgresql
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
        for kind, url in databases.items():
            measure(kind, url, folder / kind, options)


def measure(kind, url, folder, options):
    config = prepared(url, folder)
    print(f"\n{kind}, {options.workers} workers of 4 threads, {options.seconds} s each")
    print("people  pages/s  of empty  kept/s  of commits  p50 ms  p99 ms  failed  lost")
    peaks, n_requests = [], 0
    with serving(config, options.workers) as (port, memory):
        walked(HALF, port, folder, options)  # pages are made, libraries are there
        before, acknowledged = memory(), stored(config)
        for n in options.people:
            empty = empty_pages(n, folder, options)
            raw = commits(url, n, folder, options.seconds)
            told = walked(n, port, folder, options)
            acknowledged += told["n_kept"]
            n_requests += told["requests"]
            lost = max(0, acknowledged - stored(config))
            kept = told["kept"]
            peaks.append((kept, n))
            print(
                f"{n:6} {2 * kept:8.0f} {2 * kept / empty:9.3f} {kept:7.0f} "
                f"{kept / raw:11.3f} {told['p50']:7.0f} {told['p99']:7.0f} "
                f"{told['failed']:7} {lost:5}",
                flush=True,
            )
        at_half(max(peaks), port, folder, options)
        print(f"memory: {before:.0f} MB before, {memory():.0f} MB after {n_requests}")


def at_half(peak, port, folder, options):
    """The same server at half of what it can do."""
    kept, n = peak
    told = walked(HALF, port, folder, options, rate=kept / 2 / HALF)
    print(f"peak: {kept:.0f} kept a second, {n} people", end="; ")
    print(f"at half: p50 {told['p50']:.0f} ms, p99 {told['p99']:.0f} ms")


def prepared(url, folder):
    """An installation with one campaign that is open to everybody with its link."""
    folder.mkdir()
    config = Config(
        environment="test",
        instance=folder,
        database_url=url,
        secret_key=secrets.token_hex(24),
        token_pepper=secrets.token_hex(24),
        field_keys=(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),),
    )
    app = create_app(config)
    with app.app_context():
        flask_migrate.upgrade()
        trust = Trust(name="Northmoor", slug="northmoor")
        campaign = Campaign(
            trust=trust,
            teams=[Team(trust=trust, name="Harbour team")],
            instruments=[
                CampaignInstrument(perspective="service_user", instrument=FORM)
            ],
            title="How involved are you?",
            opens_at=utc_now() - timedelta(days=1),
        )
        token = InvitationToken(token_hash=hashlib.sha256(LINK.encode()).hexdigest())
        db.session.add(Invitation(campaign=campaign, is_open=True, tokens=[token]))
        db.session.commit()
        db.engine.dispose()
    return config


def stored(config):
    """How many answers were ever kept."""
    app = create_app(config)
    with app.app_context():
        counts = [db.session.scalar(select(func.count(t.id))) for t in TABLES]
        db.engine.dispose()
    return sum(counts)


TABLES = (Answer, AnswerHistory)


@contextmanager
def serving(config, workers):
    """The production server; its port, and a function for its memory in megabytes."""
    port = free_port()
    env = {
        **os.environ,
        "DATABASE_URL": config.database_url,
        "PROM_INSTANCE": str(config.instance),
        "PROM_SECRET_KEY": config.secret_key,
        "PROM_TOKEN_PEPPER": config.token_pepper,
        "PROM_FIELD_KEYS": ",".join(config.field_keys),
    }
    command = [sys.executable, "-c", MAIN, "serve", "--port", str(port)]
    command += ["--workers", str(workers), "--no-worker"]
    with running(command, port, "/api/health", env=env) as process:
        yield port, lambda: megabytes(process.pid)


@contextmanager
def running(command, port, path, env=None):
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, path)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def wait_for(port, path):
    for _ in range(600):
        try:
            return urlopen(f"http://127.0.0.1:{port}{path}").read()
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not answer")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def megabytes(pid):
    """What a process and its children hold for themselves alone."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = [
        line.split()
        for each in [pid, *children]
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
    ]
    return sum(int(each[1]) for each in lines if each[0].startswith("Private_")) / 1000


def walked(n, port, folder, options, rate=0):
    """What so many people saw once all had begun, and what was acknowledged."""
    noted = folder / "told"
    env = {"TOKEN": LINK, "TOLD": str(noted), "RATE": str(rate)}
    env |= {"PEOPLE": str(n), "SECONDS": str(options.seconds)}
    limit = options.seconds + LONGEST
    locust(HERE / "journeys.py", n, port, folder, options, env, limit)
    return json.loads(noted.read_text())


def empty_pages(n, folder, options):
    """Empty pages a second of the same server, asked for by as many."""
    port, asking = free_port(), folder / "asking.py"
    asking.write_text(ASKING)
    command = [sys.executable, "-c", EMPTY, str(port), str(options.workers)]
    with running(command, port, "/"):
        locust(asking, n, port, folder, options, {}, options.seconds)
    with open(folder / "table_stats.csv") as file:
        (row,) = (row for row in csv.DictReader(file) if row["Name"] == "Aggregated")
    return float(row["Requests/s"])


def locust(script, n, port, folder, options, env, seconds):
    command = [options.locust, "-f", str(script), "--headless", "--only-summary"]
    command += ["--host", f"http://127.0.0.1:{port}", "--csv", str(folder / "table")]
    command += ["-u", str(n), "-r", str(n), "-t", f"{seconds}s"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, env={**os.environ, **env}, **quiet)


def commits(url, n, folder, seconds):
    """Bare durable commits a second, by as many writers at a time."""
    over = time.monotonic() + seconds
    made = [0] * n
    one = on_sqlite if url.startswith("sqlite") else on_postgresql

    def write(place):
        with closing(connected(url, folder)) as connection:
            while time.monotonic() < over:
                one(connection, place)
                made[place] += 1

    with closing(connected(url, folder)) as connection:
        kind = "bigserial" if one is on_postgresql else "INTEGER"
        for name in ("raw_answer", "raw_history"):
            connection.execute(f"DROP TABLE IF EXISTS {name}")
            connection.execute(f"CREATE TABLE {name} (id {kind} PRIMARY KEY, v INT)")
        for place in range(n):
            connection.execute(f"INSERT INTO raw_answer (v) VALUES ({place})")
    writers = [threading.Thread(target=write, args=(place,)) for place in range(n)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    return sum(made) / seconds


def connected(url, folder):
    if url.startswith("sqlite"):
        connection = sqlite3.connect(
            folder / "raw.sqlite", isolation_level=None, check_same_thread=False
        )
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")
        connection.execute("PRAGMA busy_timeout=60000")  # or some would give up
        return connection
    import psycopg

    plain = url.replace("postgresql+psycopg", "postgresql")
    return psycopg.connect(plain, autocommit=True)


def on_sqlite(connection, place):
    connection.execute("BEGIN IMMEDIATE")
    stored_by(connection, place)


def on_postgresql(connection, place):
    connection.execute("BEGIN")
    stored_by(connection, place)


def stored_by(connection, place):
    connection.execute(f"UPDATE raw_answer SET v = (v + 1) % 5 WHERE id = {place + 1}")
    connection.execute(f"INSERT INTO raw_history (v) VALUES ({place})")
    connection.execute("COMMIT")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--locust", default="locust", help="the program")
    parser.add_argument("--postgresql", help="postgresql+psycopg://... of a database")
    parser.add_argument("--people", type=int, nargs="+", default=[1, 8, 32, 64, 200])
    parser.add_argument("--seconds", type=int, default=20, help="of each measurement")
    parser.add_argument("--workers", type=int, default=2, help="of the server")
    return parser.parse_args()


if __name__ == "__main__":
    main()
