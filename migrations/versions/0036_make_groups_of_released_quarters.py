"""Turn the figures that quarters were let out with into released groups.

Each team of a quarter becomes one group, with the mean as it was shown. Where a team
was too small, or all in it scored alike, something in that quarter was hidden: the
small teams become one group together, as they were counted, and all means of that
quarter are rounded as those of new groups are. Who was in no figure waits again.
"""

import json
import math
import random
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

LEAST = 10
STEP = 5
METRIC = "mean_of_applicable_items_0_100.v1"  # the only one so far
OVERALL = "involvement"


def upgrade():
    bind = op.get_bind()
    draw = random.SystemRandom()
    rows = bind.execute(
        sa.text(
            "SELECT trust_id, perspective, figures, members, released_at"
            " FROM release ORDER BY quarter, id"
        )
    ).all()
    for trust_id, perspective, figures, members, released_at in rows:
        figures, members = _read(figures), _read(members)
        small, is_whole = _small_teams(figures)
        large = {team: figures[team] for team in figures if team not in small}
        groups = [(int(team), [team], scales) for team, scales in large.items()]
        if together := _together(figures, small):
            groups.append((None, sorted(small), together))
        for team_id, teams, scales in groups:
            inside = [n for team in teams for n in members.get(team, ())]
            known = {
                "trust": trust_id,
                "team": team_id,
                "perspective": perspective,
                "at": released_at,
            }
            _make(bind, known, inside, scales, draw=None if is_whole else draw)


def downgrade():
    # The quarters' own table was left as it is.
    op.execute("UPDATE assessment SET released_group_id = NULL")
    for table in ("figure", "spread"):
        op.execute(f"DELETE FROM released_{table}")
    op.execute("DELETE FROM released_group")
    op.execute("DELETE FROM released_block")


def _read(column):
    return json.loads(column) if isinstance(column, str) else column


def _counted(sums):
    """Number, sum, sum of squares of those who count; once there were three numbers."""
    return sums[-3:]


def _small_teams(figures):
    """Teams that were not shown by themselves; whether everything was shown."""
    small, is_whole = set(), True
    for team, scales in figures.items():
        n, total, squares = _counted(scales.get(OVERALL, [0, 0, 0]))
        if n < LEAST:
            small.add(team)
        alike = n and squares - total**2 / n <= 1e-9 * max(squares, 1)
        is_whole &= n >= LEAST and not alike
    return small, is_whole


def _together(figures, small):
    """Scale -> the sums of small teams added up, where they are enough."""
    added = {}
    for team in small:
        for scale, sums in figures[team].items():
            six = [*sums[:3], *_counted(sums)]
            added[scale] = [a + b for a, b in zip(added.get(scale, [0] * 6), six)]
    enough = {s: sums for s, sums in added.items() if _counted(sums)[0] >= LEAST}
    return enough if OVERALL in enough else {}


def _make(bind, known, inside, scales, draw):
    """One group with its figures, of the form that most of its people were asked."""
    numbers = sa.bindparam("numbers", expanding=True)
    rows = bind.execute(
        sa.text(
            "SELECT instrument_id, instrument_version, submitted_at FROM assessment"
            " WHERE id IN :numbers AND submitted_at IS NOT NULL"
        ).bindparams(numbers),
        {"numbers": inside},
    ).all()
    if not rows or OVERALL not in scales:
        return
    forms = [f"{ref}.v{version}" for ref, version, _ in rows]
    family = max(sorted(set(forms)), key=forms.count)
    days = sorted(str(at)[:10] for *_, at in rows)
    group = sa.table(
        "released_group",
        *(sa.column(c) for c in ("id", "trust_id", "team_id", "perspective")),
        *(sa.column(c) for c in ("family", "n", "released_at")),
        sa.column("first_on", sa.Date()),
        sa.column("last_on", sa.Date()),
        sa.column("is_late", sa.Boolean()),
        sa.column("is_earlier", sa.Boolean()),
    )
    made = bind.execute(
        group.insert()
        .values(
            trust_id=known["trust"],
            team_id=known["team"],
            perspective=known["perspective"],
            family=family,
            n=scales[OVERALL][0],
            first_on=date.fromisoformat(days[0]),
            last_on=date.fromisoformat(days[-1]),
            is_late=False,
            is_earlier=True,
            released_at=known["at"],
        )
        .returning(group.c.id)
    )
    number = made.scalar()
    for scale, sums in scales.items():
        if _counted(sums)[0] < LEAST:
            continue
        mean = sums[1] / sums[0]
        bind.execute(
            sa.text(
                "INSERT INTO released_figure"
                " (group_id, series, scale, n, value, is_rounded)"
                " VALUES (:group, :series, :scale, :n, :value, :rounded)"
            ),
            {
                "group": number,
                "series": f"{METRIC} {family}",
                "scale": scale,
                "n": sums[0],
                "value": mean if draw is None else _rounded(mean, draw),
                "rounded": draw is not None,
            },
        )
    bind.execute(
        sa.text(
            "UPDATE assessment SET released_group_id = :group"
            " WHERE id IN :numbers AND released_group_id IS NULL"
        ).bindparams(numbers),
        {"group": number, "numbers": inside},
    )


def _rounded(mean, draw):
    return STEP * math.floor(mean / STEP + draw.random())
