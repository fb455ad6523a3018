"""Mark invitations that need no reminder, and hashes of one who was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("invitation") as table:
        table.add_column(
            sa.Column(
                "needs_no_reminder",
                sa.Boolean(),
                server_default=sa.false(),
                nullable=False,
            )
        )
    with op.batch_alter_table("suppression") as table:
        table.add_column(sa.Column("erasure", sa.String(length=16), nullable=True))


def downgrade():
    with op.batch_alter_table("suppression") as table:
        table.drop_column("erasure")
    with op.batch_alter_table("invitation") as table:
        table.drop_column("needs_no_reminder")
