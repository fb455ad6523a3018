"""Let a campaign rotate its blocks or give booklets, and note what each person got."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("campaign") as table:
        table.add_column(
            sa.Column(
                "item_order",
                sa.String(length=16),
                nullable=False,
                server_default="as_printed",
            )
        )
        table.add_column(sa.Column("booklet_length", sa.Integer()))
        table.create_check_constraint(
            op.f("ck_campaign_known_item_order"),
            "item_order IN ('as_printed', 'rotated', 'booklets')",
        )
        table.create_check_constraint(
            op.f("ck_campaign_booklets_have_a_length"),
            "item_order <> 'booklets' OR booklet_length IS NOT NULL",
        )
    for name in ("assessment", "invitation"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("arrangement", sa.String(length=32)))


def downgrade():
    for name in ("invitation", "assessment"):
        with op.batch_alter_table(name) as table:
            table.drop_column("arrangement")
    with op.batch_alter_table("campaign") as table:
        table.drop_constraint(op.f("ck_campaign_booklets_have_a_length"), type_="check")
        table.drop_constraint(op.f("ck_campaign_known_item_order"), type_="check")
        table.drop_column("booklet_length")
        table.drop_column("item_order")
