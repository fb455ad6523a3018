"""Figures over the released rows of a million assessments, on either database.

    DATABASE_URL=... PYTHONPATH=. python benchmarks/released_rows.py [ASSESSMENTS]

Makes the groups, blocks and figures that so many assessments of 200 teams of one trust
become over six years, and prints how long it takes, in milliseconds and as the median
of five, to read what the lead's pages show: every series, the sums of all seven scales
by team and month, the points of one team, and what people answered to each item.
Without an address it makes an SQLite file of its own.
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import flask_migrate  # noqa: E402  (thread limits come first)
from cryptography.fernet import Fernet  # noqa: E402
from sqlalchemy import insert, select  # noqa: E402

from surveyapp import bank, create_app  # noqa: E402
from surveyapp.bank import PREREQUISITES, SCALES  # noqa: E402
from surveyapp.config import Config  # noqa: E402
from surveyapp.extensions import db  # noqa: E402
from surveyapp.models import (  # noqa: E402
    ReleasedBlock,
    ReleasedFigure,
    ReleasedGroup,
    ReleasedSum,
    ReleasedTally,
    Team,
    Trust,
)
from surveyapp.tracking import groups, tallies  # noqa: E402

TEAMS, DAYS = 200, 6 * 365
SERIES = "mean_of_applicable_items_0_100.v1 short_service_user.v1"
AT_ONCE = 10_000


def main(n):
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("DATABASE_URL", f"sqlite:///{folder}/rows.sqlite")
        app = create_app(
            Config(
                environment="test",
                database_url=url,
                instance=Path(folder),
                secret_key="of the benchmark",
                token_pepper="of the benchmark",
                field_keys=(Fernet.generate_key().decode(),),
            )
        )
        with app.app_context():
            flask_migrate.upgrade()
            trust_id, team_id = make_rows(n // 10)
            report(url.partition(":")[0], n, trust_id, team_id)


def make_rows(n_groups):
    """Groups of ten with their figures, and a block for each three; trust and team."""
    trust = Trust(slug="rows", name="Rows")
    trust.teams = [Team(name=f"Team {k}") for k in range(TEAMS)]
    db.session.add(trust)
    db.session.commit()
    teams = [team.id for team in trust.teams]
    first, at = date(2020, 1, 1), datetime.now(UTC)

    def queue(k, n):
        last = first + timedelta(days=k * DAYS // n)
        return {
            "id": k + 1,
            "trust_id": trust.id,
            "team_id": teams[k % TEAMS],
            "perspective": "service_user",
            "family": "short_service_user.v1",
            "first_on": last - timedelta(days=5),
            "last_on": last,
            "released_at": at,
        }

    n_blocks = n_groups // 3
    write(
        ReleasedBlock,
        (queue(k, n_blocks) | {"n": 30, "counts": {}} for k in range(n_blocks)),
    )
    write(ReleasedGroup, (queue(k, n_groups) | {"n": 10} for k in range(n_groups)))
    known = {"series": SERIES, "is_rounded": True}
    write(
        ReleasedFigure,
        (
            {"group_id": k + 1, "scale": SCALES[0], "n": 10, "value": 5.0 * (k % 20)}
            | known
            for k in range(n_groups)
        ),
    )
    write(
        ReleasedFigure,
        (
            {"block_id": k + 1, "scale": scale, "n": 30, "value": 5.0 * (k % 20)}
            | known
            for k in range(n_blocks)
            for scale in PREREQUISITES
        ),
    )
    for key, table in (("group_id", ReleasedGroup), ("block_id", ReleasedBlock)):
        add_up(key, table)
    write(ReleasedTally, tallied(trust.id, teams, n_blocks))
    db.session.execute(db.text("ANALYZE"))
    db.session.commit()
    return trust.id, teams[0]


def add_up(key, table):
    """What the nightly job adds to the sums with each figure, for all of them."""
    query = select(table, ReleasedFigure).join(
        ReleasedFigure, getattr(ReleasedFigure, key) == table.id
    )
    sums = {}
    for of, figure in db.session.execute(query):
        where = figure.scale, of.team_id, of.last_on.replace(day=1)
        row = sums.setdefault(where, [0, 0, 0.0, 0.0, of.first_on, of.last_on])
        row[0] += figure.n
        row[1] += 1
        row[2] += figure.n * figure.value
        row[3] += figure.n**2
        row[4], row[5] = min(row[4], of.first_on), max(row[5], of.last_on)
        trust_id = of.trust_id
    names = ("n", "n_groups", "total", "squares", "first_on", "last_on")
    known = {"trust_id": trust_id, "perspective": "service_user", "series": SERIES}
    write(
        ReleasedSum,
        (
            {"scale": scale, "team_id": team, "month": month}
            | known
            | dict(zip(names, row))
            for (scale, team, month), row in sums.items()
        ),
    )


def tallied(trust_id, teams, n_blocks):
    """Counts of each team, as the nightly job adds them up."""
    items = bank.instrument("short_service_user.v1").items
    counts = {
        item.ref: {str(v): 5 for v in item.responses.values}
        | dict.fromkeys(item.reasons, 5)
        for item in items
    }
    for team in teams:
        yield {
            "trust_id": trust_id,
            "perspective": "service_user",
            "family": "short_service_user.v1",
            "team_id": team,
            "first_on": date(2020, 1, 1),
            "last_on": date(2025, 12, 31),
            "n": 30 * n_blocks // TEAMS,
            "n_blocks": n_blocks // TEAMS,
            "counts": counts,
        }


def write(table, rows):
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            db.session.execute(insert(table), batch)
            batch = []
    if batch:
        db.session.execute(insert(table), batch)
    db.session.commit()


def report(database, n, trust_id, team_id):
    of = db.session, trust_id, "service_user"
    parts = {
        "every series": lambda: groups.series_of(*of),
        "teams and months": lambda: groups.by_month(*of, SERIES),
        "seven scales": lambda: groups.totals(*of, SERIES),
        "points of one team": lambda: groups.points(*of, SERIES, team_ids={team_id}),
        "counts of items": lambda: tallies.by_team(*of, "short_service_user.v1"),
        "who waits": lambda: groups.waiting(*of, now=datetime.now(UTC)),
    }
    print(f"{database}: {n} assessments in {n // 10} groups of {TEAMS} teams")
    whole = 0.0
    for name, read in parts.items():
        spent = statistics.median(timed(read) for _ in range(5))
        whole += spent
        print(f"{spent:8.0f} ms  {name}")
    print(f"{whole:8.0f} ms  together")


def timed(read):
    db.session.rollback()
    start = time.perf_counter()
    read()
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
