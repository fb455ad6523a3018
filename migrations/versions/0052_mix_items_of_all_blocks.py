"""Let a campaign mix the items of all blocks under one heading."""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

BEFORE = ("as_printed", "rotated", "booklets")
NAME = "ck_campaign_known_item_order"


def upgrade():
    _know(("as_printed", "rotated", "mixed", "booklets"))


def downgrade():
    op.execute("UPDATE campaign SET item_order = 'rotated' WHERE item_order = 'mixed'")
    _know(BEFORE)


def _know(orders):
    with op.batch_alter_table("campaign") as table:
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), f"item_order IN {orders}")
