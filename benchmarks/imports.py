"""Earlier answers: time and memory as a file grows, and how long an answer waits.

    PYTHONPATH=. python benchmarks/imports.py [ROWS ...]

Files of 10 000, 20 000 and 30 000 rows of 30 items on SQLite, each in a process of its
own: processor time of each part, beside the time in which Python's csv module reads the
same file; how much memory it takes beyond an application that is ready; and the longest
time for which a process beside it, which stores an answer twenty times a second, waited
for the database. Time a row and memory should be those of the first file.
"""

import csv
import io
import json
import os
import resource
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from sqlalchemy import event

SIZES = (10_000, 20_000, 30_000)
FORM = "short_service_user.v1"
PAUSE = 0.05
MB = 1024  # in the kB of ru_maxrss


def main(sizes):
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "--one", str(n), folder]
            told = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        print(json.loads(told.splitlines()[-1])["says"], flush=True)


def one(n, folder):
    """Bring a file in and take it out again; what it took, as a line of JSON."""
    raw = file_of(n)
    theirs = spent(lambda: [*csv.reader(io.StringIO(raw.decode()))])
    app, campaign_id = application(folder)
    with app.app_context():
        parts = bring_in_and_out(app, campaign_id, folder, raw)
    total = sum(seconds for seconds, *_ in parts.values())
    each = ", ".join(f"{k} {s:.1f} s" for k, (s, *_) in parts.items())
    waits = ", ".join(f"{k} {w * 1000:.0f} ms" for k, (_, w, _) in parts.items())
    holds = ", ".join(f"{k} {h * 1000:.0f} ms" for k, (_, _, h) in parts.items())
    memory = (peak() - READY[0]) / MB
    return (
        f"{n:,} rows, {len(raw) / 1e6:.1f} MB: {total / n * 1e6:.0f} us a row, "
        f"{total / theirs:.0f} times csv.reader ({each}); {memory:.0f} MB beyond a "
        f"ready application; the lock was held at once for {holds} of processor; "
        f"an answer waited at most {waits}"
    )


def file_of(n):
    from surveyapp import bank

    items = [item.id for item in bank.instrument(FORM).items]
    rows = [f"date,perspective,mode,person,{','.join(items)}"]
    for k in range(n):
        answers = ",".join(str((k + j) % 5) for j in range(len(items)))
        rows.append(f"2025-03-{k % 28 + 1:02},service_user,paper,p{k},{answers}")
    return "\n".join(rows).encode()


def application(folder):
    """An application with a campaign, on a database of its own."""
    import flask_migrate
    from app import KEYS

    from surveyapp import create_app, scoring
    from surveyapp.config import Config
    from surveyapp.database import utc_now
    from surveyapp.extensions import db
    from surveyapp.models import Campaign, CampaignInstrument, Team, Trust

    app = create_app(Config(environment="test", instance=Path(folder), **KEYS))
    with app.app_context():
        flask_migrate.upgrade()
        trust = Trust(name="Northmoor", slug=secrets.token_hex(4))
        form = CampaignInstrument(perspective="service_user", instrument=FORM)
        team = Team(trust=trust, name="Harbour team")
        given = {"trust": trust, "teams": [team], "instruments": [form]}
        made = Campaign(title="Earlier", opens_at=utc_now(), **given)
        db.session.add(made)
        db.session.commit()
        scoring.warm_up()
        watch_locks(db.engine)
        return app, made.id


def bring_in_and_out(app, campaign_id, folder, raw):
    """Part -> its seconds, and the longest that an answer waited meanwhile."""
    from surveyapp.campaigns import import_services, import_work
    from surveyapp.database import utc_now
    from surveyapp.extensions import db
    from surveyapp.models import Campaign

    session, who = db.session, {"actor": "benchmark", "now": utc_now()}
    campaign, file = session.get(Campaign, campaign_id), io.BytesIO(raw)
    path, parts = Path(app.config["PROM"].url.removeprefix("sqlite:///")), {}
    READY.append(peak())
    made = watched(
        path, parts, "keep", import_services.receive, session, campaign, file, **who
    )
    on = {"actor": "benchmark"}
    go_on = (import_work.carry_on, session, made.id)
    watched(path, parts, "check", *go_on, **on)
    import_services.confirm(session, made.id, agreed=True, **who)
    watched(path, parts, "write", *go_on, **on)
    watched(path, parts, "undo", import_services.undo, session, made.id, **who)
    watched(path, parts, "delete", *go_on, **on)
    return parts


def watched(path, parts, name, work, *args, **options):
    """Do a part of the work while another process stores answers."""
    command = [sys.executable, __file__, "--answer", str(path)]
    beside = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    beside.stdout.readline()
    HOLDS.clear()
    before = time.process_time()
    made = work(*args, **options)
    seconds = time.process_time() - before
    told, _ = beside.communicate(b"enough\n")
    parts[name] = seconds, float(told), max(HOLDS, default=0)
    return made


def watch_locks(engine):
    """Note for how long the one lock is held, each time, by the processor's clock."""
    from surveyapp.database import only_reads

    begun = {}

    def locked(connection, _cursor, statement, _parameters, context, _many):
        if not only_reads(statement, context):
            begun.setdefault(id(connection), time.process_time())

    def released(connection):
        if id(connection) in begun:
            HOLDS.append(time.process_time() - begun.pop(id(connection)))

    event.listen(engine, "after_cursor_execute", locked)  # which takes the lock
    event.listen(engine, "rollback", released)
    event.listen(engine, "commit", released)


def answer(path):
    """Store something now and then, as respondents do; the longest wait."""
    from surveyapp import write_turns

    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    connection.execute("CREATE TABLE IF NOT EXISTS beside (n INTEGER)")
    print("ready", flush=True)
    longest = 0.0
    os.set_blocking(sys.stdin.fileno(), False)
    while not sys.stdin.readline():
        before = time.perf_counter()
        write_turns.begin(connection, path)
        longest = max(longest, time.perf_counter() - before)
        connection.execute("INSERT INTO beside VALUES (1)")
        connection.execute("COMMIT")
        time.sleep(PAUSE)
    print(longest)


def spent(work):
    before = time.process_time()
    work()
    return time.process_time() - before


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


READY, HOLDS = [], []


if __name__ == "__main__":
    kind, *given = sys.argv[1:] or [""]
    if kind == "--one":
        print(json.dumps({"says": one(int(given[0]), given[1])}))
    elif kind == "--answer":
        answer(given[0])
    else:
        main([int(n) for n in sys.argv[1:]] or SIZES)
