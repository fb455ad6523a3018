"""Add to a visit whether staff write down what a person says."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("respondent_session") as table:
        table.add_column(
            sa.Column(
                "mode", sa.String(length=16), nullable=False, server_default="web"
            )
        )


def downgrade():
    with op.batch_alter_table("respondent_session") as table:
        table.drop_column("mode")
