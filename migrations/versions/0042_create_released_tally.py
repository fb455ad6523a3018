"""Keep the counts of blocks that were let out added up by team and form."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

BLOCK = sa.table(
    "released_block",
    *(sa.column(name, sa.Integer) for name in ("id", "trust_id", "team_id", "n")),
    *(sa.column(name, sa.String) for name in ("perspective", "family")),
    *(sa.column(name, sa.Date) for name in ("first_on", "last_on")),
    sa.column("counts", sa.JSON),
)
OF = ("trust_id", "perspective", "family", "team_id")


def upgrade():
    tally = op.create_table(
        "released_tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("family", sa.String(length=80), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("n_blocks", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name="fk_released_tally_trust_id_trust"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name="fk_released_tally_team_id_team"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_released_tally"),
        sa.UniqueConstraint(
            *OF, name="uq_released_tally_trust_id_perspective_family_team_id"
        ),
    )
    rows = [*_added_up(op.get_bind())]
    if rows:
        op.bulk_insert(tally, rows)


def _added_up(connection):
    """One row for each team and form, from the blocks that were let out."""
    found = {}
    for block in connection.execute(sa.select(BLOCK).order_by(BLOCK.c.id)):
        of = {name: getattr(block, name) for name in OF}
        days = {"first_on": block.first_on, "last_on": block.last_on}
        empty = of | days | {"n": 0, "n_blocks": 0, "counts": {}}
        row = found.setdefault(tuple(of.values()), empty)
        row["n"] += block.n
        row["n_blocks"] += 1
        row["first_on"] = min(row["first_on"], block.first_on)
        row["last_on"] = max(row["last_on"], block.last_on)
        for what, counts in block.counts.items():
            sums = row["counts"].setdefault(what, {})
            for category, n in counts.items():
                sums[category] = sums.get(category, 0) + n
    return found.values()


def downgrade():
    op.drop_table("released_tally")
