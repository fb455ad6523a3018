"""Keep figures that were let out added up by team and month."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

OF_EACH = """
    INSERT INTO released_sum
        (trust_id, perspective, series, scale, team_id, month, n, n_groups, total,
         squares, first_on, last_on)
    SELECT whole.trust_id, whole.perspective, figure.series, figure.scale,
        whole.team_id, {month}, sum(figure.n), count(*), sum(figure.n * figure.value),
        sum(CASE WHEN figure.is_rounded THEN figure.n * figure.n ELSE 0 END),
        min(whole.first_on), max(whole.last_on)
    FROM released_figure AS figure
    JOIN released_{kind} AS whole ON figure.{kind}_id = whole.id
    GROUP BY whole.trust_id, whole.perspective, figure.series, figure.scale,
        whole.team_id, {month}
"""
MONTH = {
    "sqlite": "date(whole.last_on, 'start of month')",
    "postgresql": "CAST(date_trunc('month', whole.last_on) AS date)",
}


def upgrade():
    op.create_table(
        "released_sum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=200), nullable=False),
        sa.Column("scale", sa.String(length=64), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("n_groups", sa.Integer(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("squares", sa.Double(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name="fk_released_sum_trust_id_trust"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name="fk_released_sum_team_id_team"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_released_sum"),
        sa.UniqueConstraint(
            "trust_id",
            "perspective",
            "scale",
            "series",
            "team_id",
            "month",
            name="uq_released_sum_of_month",
        ),
    )
    op.create_index(
        "ix_released_sum_totals",
        "released_sum",
        ["trust_id", "perspective", "scale", "series"]
        + ["n", "n_groups", "total", "squares"],
    )
    op.drop_index("ix_released_group_trust", "released_group")
    op.create_index(
        "ix_released_group_trust",
        "released_group",
        ["trust_id", "perspective", "team_id"],
    )
    month = MONTH[op.get_bind().dialect.name]
    for kind in ("group", "block"):
        op.execute(OF_EACH.format(kind=kind, month=month))


def downgrade():
    op.drop_index("ix_released_group_trust", "released_group")
    op.create_index(
        "ix_released_group_trust", "released_group", ["trust_id", "perspective"]
    )
    op.drop_table("released_sum")
