"""Pages of leads over the released rows of a million assessments, on either database.

    DATABASE_URL=... PYTHONPATH=. python benchmarks/released_rows.py [ASSESSMENTS]

Makes so many invited people with their assessments and seven scores each, of 200 teams
of one trust in six yearly campaigns, lets them out in groups of ten and blocks of
thirty as the nightly job would have, and leaves nine people of each team waiting. Then
it signs in as a lead and prints how long each page takes to open, in milliseconds and
as the median of five: by the clock, and of this process's processor. Aims by the clock
are 300 on PostgreSQL and 500 on SQLite. Without an address it makes an SQLite file of
its own; with one that has rows it only reads.
"""

import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import flask_migrate
from cryptography.fernet import Fernet
from sqlalchemy import insert, literal, select

from surveyapp import bank, create_app
from surveyapp.auth import sign_in_links
from surveyapp.bank import PREREQUISITES, SCALES
from surveyapp.config import Config
from surveyapp.extensions import db
from surveyapp.models import (
    Assessment,
    Campaign,
    CampaignInstrument,
    Invitation,
    ReleasedBlock,
    ReleasedFigure,
    ReleasedGroup,
    ReleasedSpread,
    ReleasedSum,
    ReleasedTally,
    Respondent,
    RoleGrant,
    Score,
    StaffUser,
    Team,
    Trust,
)
from surveyapp.tracking.response_rates import count_rates

TEAMS, YEARS, CARERS, WAITING = 200, 6, 5, 9
FORMS = {"service_user": "short_service_user.v1", "carer": "short_carer.v1"}
METHOD = "mean_of_applicable_items_0_100.v1"
FIRST, DAYS = date(2020, 1, 1), 365 * YEARS
AT_ONCE = 10_000
AIMS = {"postgresql": 300, "sqlite": 500}


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
            if db.session.scalar(select(Trust.id)) is None:
                make_rows(n // 10)
            trust_id, team_id, token = whom_and_what()
        app.config["WTF_CSRF_ENABLED"] = False  # a link is posted without its page
        client = app.test_client()
        assert client.post(f"/staff/link/{token}").status_code == 303
        report(client, url.partition(":")[0].partition("+")[0], n, trust_id, team_id)


def make_rows(n_groups):
    """Everything of so many groups of ten."""
    trust = Trust(slug="rows", name="Rows")
    trust.teams = [Team(name=f"Team {k:03}") for k in range(TEAMS)]
    lead = StaffUser(
        email="lead@rows.example",
        name="Lead",
        password="none",
        active=True,
        fs_uniquifier="lead",
        is_demonstration=True,
        grants=[RoleGrant(role="lead", trust=trust)],
    )
    db.session.add_all([trust, lead])
    campaigns = [make_campaign(trust, FIRST.year + k) for k in range(YEARS)]
    db.session.commit()
    teams = [team.id for team in trust.teams]
    made = make_groups(trust.id, teams, n_groups)
    campaign_ids = {campaign.opens_at.year: campaign.id for campaign in campaigns}
    make_people(campaign_ids, list(people(made, teams)))
    for key, table in (("group_id", ReleasedGroup), ("block_id", ReleasedBlock)):
        add_up(key, table)
    count_rates(db.session, trust.id)
    db.session.execute(db.text("ANALYZE"))
    db.session.commit()


def whom_and_what():
    """The trust, one of its teams, and a link that signs its lead in."""
    lead = db.session.scalars(select(StaffUser)).one()
    token = sign_in_links.make(db.session, lead, now=datetime.now(UTC))
    db.session.commit()
    team = db.session.scalars(select(Team).order_by(Team.id)).first()
    return team.trust_id, team.id, token


def make_campaign(trust, year):
    campaign = Campaign(
        trust=trust,
        teams=list(trust.teams),
        title=f"The year {year}",
        opens_at=datetime(year, 1, 1, tzinfo=UTC),
        instruments=[
            CampaignInstrument(perspective=who, instrument=form)
            for who, form in FORMS.items()
        ],
    )
    db.session.add(campaign)
    return campaign


def series_of(perspective):
    return f"{METHOD} {FORMS[perspective]}"


def make_groups(trust_id, teams, n_groups):
    """Groups, each three of a queue as a block, their figures and counts."""
    at, queues, groups, blocks = datetime.now(UTC), {}, [], []
    for k in range(n_groups):
        last = FIRST + timedelta(days=k * DAYS // n_groups)
        perspective = "carer" if k // TEAMS % CARERS == CARERS - 1 else "service_user"
        of = {
            "trust_id": trust_id,
            "team_id": teams[k % TEAMS],
            "perspective": perspective,
            "family": FORMS[perspective],
            "released_at": at,
        }
        days = {"first_on": last - timedelta(days=5), "last_on": last}
        groups.append(of | days | {"id": k + 1, "n": 10, "block_id": None})
        row = queues.setdefault((of["team_id"], perspective), [])
        row.append(groups[-1])
        if len(row) == 3:
            days["first_on"] = row[0]["first_on"]
            number = len(blocks) + 1
            blocks.append(of | days | {"id": number, "n": 30})
            for group in row:
                group["block_id"] = number
            row.clear()
    counts = {who: counts_of(form) for who, form in FORMS.items()}
    write(ReleasedBlock, (b | {"counts": counts[b["perspective"]]} for b in blocks))
    write(ReleasedGroup, groups)
    write(ReleasedFigure, figures("group_id", groups, [SCALES[0]]))
    write(ReleasedFigure, figures("block_id", blocks, PREREQUISITES))
    write(ReleasedTally, tallied(blocks, counts))
    write(ReleasedSpread, spreads(trust_id))
    return groups


def figures(key, rows, scales):
    for k, row in enumerate(rows):
        known = {"n": row["n"], "series": series_of(row["perspective"])}
        for scale in scales:
            value = 40.0 + 5 * (k * 7919 % 9)
            yield known | {key: row["id"], "scale": scale, "value": value}


def spreads(trust_id):
    for who in FORMS:
        for scale in SCALES:
            of = {"trust_id": trust_id, "perspective": who, "series": series_of(who)}
            yield of | {"scale": scale, "until": FIRST, "n": 1000, "sd": 22.0}


def counts_of(form):
    """Counts of one block, the same for each item."""
    return {
        item.ref: {str(v): 5 for v in item.responses.values}
        | dict.fromkeys(item.reasons, 5)
        for item in bank.instrument(form).items
    }


def tallied(blocks, counts):
    """Counts of each team, as the nightly job adds them up."""
    queues = {}
    for block in blocks:
        queues.setdefault((block["team_id"], block["perspective"]), []).append(block)
    for (_, who), row in queues.items():
        whole = {
            item: {each: n * len(row) for each, n in told.items()}
            for item, told in counts[who].items()
        }
        known = ("trust_id", "team_id", "perspective", "family")
        yield {name: row[0][name] for name in known} | {
            "first_on": row[0]["first_on"],
            "last_on": row[-1]["last_on"],
            "n": 30 * len(row),
            "n_blocks": len(row),
            "counts": whole,
        }


def people(groups, teams):
    """(Team, perspective, day, group or None) of everybody who answered."""
    for group in groups:
        for k in range(10):
            day = group["last_on"] - timedelta(days=k // 2)
            yield group["team_id"], group["perspective"], day, group["id"]
    last = FIRST + timedelta(days=DAYS - 1)
    for team_id in teams:
        for _ in range(WAITING):
            yield team_id, "service_user", last, None


def make_people(campaign_ids, whole):
    """Who was invited, answered and was scored; a fifth as many never answered."""

    def campaign_of(day):
        return campaign_ids[max(day.year, FIRST.year)]

    numbers = range(1, len(whole) + 1)
    write(Respondent, ({"id": k, "pseudonym": f"{k:032}"} for k in numbers))
    write(Invitation, invitations(whole, campaign_of))
    write(Assessment, assessments(whole, campaign_of))
    for scale in SCALES:
        scored = select(
            Assessment.id,
            literal(scale),
            1,
            40.0 + Assessment.id % 60,
            6,
            6,
            literal(METHOD),
            literal("of the benchmark"),
            literal("0"),
            Assessment.submitted_at,
        )
        names = ("assessment_id", "scale", "revision", "value", "n_answered")
        names += ("n_applicable", "method", "instrument", "software_version")
        names += ("computed_at",)
        db.session.execute(insert(Score).from_select(names, scored))
        db.session.commit()


def invitations(whole, campaign_of):
    for k, (team_id, who, day, _) in enumerate(whole, start=1):
        of = {"campaign_id": campaign_of(day), "team_id": team_id, "perspective": who}
        yield of | {"id": k, "status": "answered"}
        if k % 5 == 0:
            yield of | {"id": len(whole) + k, "status": "sent"}


def assessments(whole, campaign_of):
    for k, (team_id, who, day, group_id) in enumerate(whole, start=1):
        name, _, version = FORMS[who].rpartition(".v")
        at = datetime.combine(day, clock(12), UTC)
        yield {
            "id": k,
            "respondent_id": k,
            "campaign_id": campaign_of(day),
            "invitation_id": k,
            "team_id": team_id,
            "instrument_id": name,
            "instrument_version": int(version),
            "perspective": who,
            "started_at": at,
            "submitted_at": at,
            "released_group_id": group_id,
        }


def add_up(key, table):
    """What the nightly job adds to the sums with each figure, for all of them."""
    query = select(table, ReleasedFigure).join(
        ReleasedFigure, getattr(ReleasedFigure, key) == table.id
    )
    sums = {}
    for of, figure in db.session.execute(query):
        month = of.last_on.replace(day=1)
        where = of.trust_id, of.perspective, figure.scale, of.team_id, month
        row = sums.setdefault(where, Counter(first=of.first_on, last=of.last_on))
        row["n"] += figure.n
        row["n_groups"] += 1
        row["total"] += figure.n * figure.value
        row["squares"] += figure.n**2
        row["first"] = min(row["first"], of.first_on)
        row["last"] = max(row["last"], of.last_on)
    write(
        ReleasedSum,
        (
            {
                "trust_id": trust_id,
                "perspective": who,
                "series": series_of(who),
                "scale": scale,
                "team_id": team_id,
                "month": month,
                "first_on": row["first"],
                "last_on": row["last"],
            }
            | {name: row[name] for name in ("n", "n_groups", "total", "squares")}
            for (trust_id, who, scale, team_id, month), row in sums.items()
        ),
    )
    db.session.expunge_all()


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


def report(client, database, n, trust_id, team_id):
    of = f"/tracking/{trust_id}/service_user"
    pages = {
        "front page, the trust": of,
        "front page, a team": f"{of}?team={team_id}",
        "teams": f"{of}/teams",
        "items, the trust": f"{of}/items",
        "items, a team": f"{of}/items?team={team_id}",
        "board, the trust": f"{of}/board",
        "board, a team": f"{of}/board?team={team_id}&whole=yes",
        "years": f"{of}/years",
        "comments": f"{of}/comments",
        "chart as CSV": f"{of}/chart.csv",
        "targets": f"{of}/targets/",
    }
    aim = AIMS[database]
    print(f"{database}: {n} assessments in groups of ten, of {TEAMS} teams")
    for name, address in pages.items():
        assert client.get(address).status_code == 200, address
        walls, works = zip(*(timed(client, address) for _ in range(5)))
        wall, work = statistics.median(walls), statistics.median(works)
        note = "" if wall < aim else ", above the aim"
        print(f"{wall:8.0f} {work:8.0f} ms  {name}{note}")


def timed(client, address):
    start = time.perf_counter(), time.process_time()
    client.get(address).get_data()
    end = time.perf_counter(), time.process_time()
    return tuple(1000 * (b - a) for a, b in zip(start, end))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
