"""Let a campaign be paused, archived and cloned, and keep what people could read."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
ADDED = ("headline", "paused_at", "archived_at", "asks_contacts")
ADDED = (*ADDED, "test_message_seen_at", "reasons", "n_wanted", "previous_id")


def upgrade():
    op.create_table(
        "campaign_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("until", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_campaign_version_campaign_id_campaign",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_version"),
        sa.UniqueConstraint(
            "campaign_id", "version", name="uq_campaign_version_campaign_id_version"
        ),
    )
    with op.batch_alter_table("campaign") as table:
        table.add_column(
            sa.Column("headline", sa.String(200), nullable=False, server_default="")
        )
        for name in ("paused_at", "archived_at", "test_message_seen_at"):
            table.add_column(sa.Column(name, AT, nullable=True))
        table.add_column(
            sa.Column(
                "asks_contacts", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
        table.add_column(sa.Column("reasons", sa.JSON(), nullable=True))
        table.add_column(sa.Column("n_wanted", sa.Integer(), nullable=True))
        table.add_column(sa.Column("previous_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_campaign_previous_id_campaign",
            "campaign",
            ["previous_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade():
    with op.batch_alter_table("campaign") as table:
        table.drop_constraint("fk_campaign_previous_id_campaign", type_="foreignkey")
        for name in reversed(ADDED):
            table.drop_column(name)
    op.drop_table("campaign_version")
