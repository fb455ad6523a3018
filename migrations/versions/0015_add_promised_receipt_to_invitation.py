"""Add to an invitation the receipt that paper promises before there are answers."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("invitation") as table:
        table.add_column(
            sa.Column("promised_receipt", sa.String(length=16), nullable=True)
        )
        table.create_unique_constraint(
            "uq_invitation_promised_receipt", ["promised_receipt"]
        )


def downgrade():
    with op.batch_alter_table("invitation") as table:
        table.drop_constraint("uq_invitation_promised_receipt", type_="unique")
        table.drop_column("promised_receipt")
