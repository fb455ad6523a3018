"""Add to a campaign what forms and letters say of where to write and call."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("campaign") as table:
        for name in ("return_address", "contact"):
            table.add_column(
                sa.Column(name, sa.Text(), nullable=False, server_default="")
            )


def downgrade():
    with op.batch_alter_table("campaign") as table:
        table.drop_column("contact")
        table.drop_column("return_address")
