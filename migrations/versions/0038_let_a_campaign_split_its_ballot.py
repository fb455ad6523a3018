"""Let a campaign give a variant of its form to half of those who begin."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "campaign", sa.Column("split_ballot", sa.String(length=1), nullable=True)
    )


def downgrade():
    op.drop_column("campaign", "split_ballot")
