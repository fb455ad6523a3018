"""Keep whether a run found that service users and carers may be compared."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("validation_run") as batch:
        batch.add_column(sa.Column("perspectives", sa.JSON(), nullable=True))


def downgrade():
    with op.batch_alter_table("validation_run") as batch:
        batch.drop_column("perspectives")
