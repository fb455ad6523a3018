"""Keep hashes of recovery codes, and which browser a staff session is in."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("staff_user") as batch:
        batch.add_column(sa.Column("mf_recovery_codes", sa.JSON(), nullable=True))
    with op.batch_alter_table("staff_session") as batch:
        batch.add_column(sa.Column("device", sa.String(length=60), nullable=True))


def downgrade():
    with op.batch_alter_table("staff_session") as batch:
        batch.drop_column("device")
    with op.batch_alter_table("staff_user") as batch:
        batch.drop_column("mf_recovery_codes")
