"""Give trusts and teams codes, and trusts a day on which they were closed."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("trust") as table:
        table.add_column(sa.Column("code", sa.String(length=20), nullable=True))
        table.add_column(
            sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True)
        )
        table.create_unique_constraint("uq_trust_code", ["code"])
    with op.batch_alter_table("team") as table:
        table.add_column(sa.Column("code", sa.String(length=20), nullable=True))
        table.create_unique_constraint("uq_team_trust_id_code", ["trust_id", "code"])


def downgrade():
    with op.batch_alter_table("team") as table:
        table.drop_constraint("uq_team_trust_id_code", type_="unique")
        table.drop_column("code")
    with op.batch_alter_table("trust") as table:
        table.drop_constraint("uq_trust_code", type_="unique")
        table.drop_column("closed_at")
        table.drop_column("code")
