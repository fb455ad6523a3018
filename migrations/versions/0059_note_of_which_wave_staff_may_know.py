"""Note of which wave staff may know that somebody who is asked again has answered."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("told_wave", sa.Integer(), nullable=True))


def downgrade():
    with op.batch_alter_table("invitation") as table:
        table.drop_column("told_wave")
