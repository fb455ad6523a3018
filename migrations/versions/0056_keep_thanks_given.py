"""Keep who was given thanks for taking part, and what a campaign gives."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "thanks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_thanks_campaign_id_campaign"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_thanks_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thanks")),
        sa.UniqueConstraint(
            "campaign_id", "contact_id", name=op.f("uq_thanks_campaign_id_contact_id")
        ),
    )
    op.create_index(op.f("ix_thanks_contact_id"), "thanks", ["contact_id"])
    with op.batch_alter_table("campaign") as table:
        table.add_column(
            sa.Column("thanks", sa.String(200), server_default="", nullable=False)
        )


def downgrade():
    with op.batch_alter_table("campaign") as table:
        table.drop_column("thanks")
    op.drop_table("thanks")
