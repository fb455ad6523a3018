"""Admit keyers and auditors, and why somebody leads and sees single answers too."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

BEFORE = ("administrator", "coordinator", "lead", "researcher")
ADDED = ("auditor", "keyer")
NAME = "ck_role_grant_known_role"


def upgrade():
    with op.batch_alter_table("role_grant") as table:
        table.add_column(sa.Column("why", sa.Text(), nullable=True))
    _admit(BEFORE + ADDED)


def downgrade():
    op.execute(f"DELETE FROM role_grant WHERE role IN {ADDED}")
    _admit(BEFORE)
    with op.batch_alter_table("role_grant") as table:
        table.drop_column("why")


def _admit(roles):
    """Change which roles there are."""
    with op.batch_alter_table("role_grant") as table:
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), f"role IN {roles}")
