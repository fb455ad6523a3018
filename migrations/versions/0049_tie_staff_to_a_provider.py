"""Keep whom the organisation's own sign-in vouches for."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

NAME = "uq_staff_user_provider_subject"


def upgrade():
    with op.batch_alter_table("staff_user") as table:
        table.add_column(
            sa.Column("provider_subject", sa.String(length=600), nullable=True)
        )
        table.create_unique_constraint(NAME, ["provider_subject"])


def downgrade():
    with op.batch_alter_table("staff_user") as table:
        table.drop_constraint(NAME, type_="unique")
        table.drop_column("provider_subject")
