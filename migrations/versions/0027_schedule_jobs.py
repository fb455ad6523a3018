"""Add to a job the due time that it stands for, where it comes back by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("job") as table:
        table.add_column(
            sa.Column("scheduled_for", sa.DateTime(timezone=True), nullable=True)
        )
        table.create_unique_constraint(
            "uq_job_name_scheduled_for", ["name", "scheduled_for"]
        )


def downgrade():
    with op.batch_alter_table("job") as table:
        table.drop_constraint("uq_job_name_scheduled_for", type_="unique")
        table.drop_column("scheduled_for")
