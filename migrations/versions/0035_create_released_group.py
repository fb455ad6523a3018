"""Create released groups and blocks of them, and note which group an answer is in."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

GROUP = "fk_assessment_released_group_id_released_group"
MERGED = "fk_team_merged_into_id_team"


def upgrade():
    op.create_table(
        "released_block",
        *_of_a_queue("released_block"),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_released_block"),
    )
    op.create_index("ix_released_block_trust_id", "released_block", ["trust_id"])
    op.create_table(
        "released_group",
        *_of_a_queue("released_group"),
        sa.Column("block_id", sa.Integer(), nullable=True),
        sa.Column("main_mode", sa.String(length=16), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_earlier", sa.Boolean(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["block_id"],
            ["released_block.id"],
            name="fk_released_group_block_id_released_block",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_released_group"),
    )
    op.create_index(
        "ix_released_group_trust", "released_group", ["trust_id", "perspective"]
    )
    op.create_table(
        "released_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("block_id", sa.Integer(), nullable=True),
        sa.Column("series", sa.String(length=200), nullable=False),
        sa.Column("scale", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("is_rounded", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(group_id IS NULL) <> (block_id IS NULL)",
            name=op.f("ck_released_figure_of_group_or_block"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["released_group.id"],
            name="fk_released_figure_group_id_released_group",
        ),
        sa.ForeignKeyConstraint(
            ["block_id"],
            ["released_block.id"],
            name="fk_released_figure_block_id_released_block",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_released_figure"),
        sa.UniqueConstraint(
            "group_id",
            "series",
            "scale",
            name="uq_released_figure_group_id_series_scale",
        ),
        sa.UniqueConstraint(
            "block_id",
            "series",
            "scale",
            name="uq_released_figure_block_id_series_scale",
        ),
    )
    op.create_table(
        "released_spread",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=200), nullable=False),
        sa.Column("scale", sa.String(length=64), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sd", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name="fk_released_spread_trust_id_trust"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_released_spread"),
        sa.UniqueConstraint(
            "trust_id",
            "perspective",
            "series",
            "scale",
            "until",
            name="uq_released_spread_trust_id_perspective_series_scale_until",
        ),
    )
    with op.batch_alter_table("assessment") as table:
        table.add_column(sa.Column("released_group_id", sa.Integer(), nullable=True))
        table.create_foreign_key(GROUP, "released_group", ["released_group_id"], ["id"])
        table.create_index("ix_assessment_released_group_id", ["released_group_id"])
    with op.batch_alter_table("team") as table:
        table.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        table.create_foreign_key(MERGED, "team", ["merged_into_id"], ["id"])


def downgrade():
    with op.batch_alter_table("team") as table:
        table.drop_constraint(MERGED, type_="foreignkey")
        table.drop_column("merged_into_id")
    with op.batch_alter_table("assessment") as table:
        table.drop_index("ix_assessment_released_group_id")
        table.drop_constraint(GROUP, type_="foreignkey")
        table.drop_column("released_group_id")
    op.drop_table("released_spread")
    op.drop_table("released_figure")
    op.drop_index("ix_released_group_trust", "released_group")
    op.drop_table("released_group")
    op.drop_index("ix_released_block_trust_id", "released_block")
    op.drop_table("released_block")


def _of_a_queue(table):
    """What a group and a block have alike: whose answers, how many, and from when."""
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("family", sa.String(length=80), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name=f"fk_{table}_trust_id_trust"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=f"fk_{table}_team_id_team"
        ),
    )
