"""Create the layouts of printed forms, and their numbered copies."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "printed_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(length=16), nullable=False),
        sa.Column("instrument", sa.String(length=80), nullable=False),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("edition", sa.String(length=16), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_printed_form"),
        sa.UniqueConstraint("form_id", name="uq_printed_form_form_id"),
    )
    op.create_table(
        "printed_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("printed_form_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(length=16), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name="fk_printed_copy_invitation_id_invitation",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["printed_form_id"],
            ["printed_form.id"],
            name="fk_printed_copy_printed_form_id_printed_form",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_printed_copy"),
        sa.UniqueConstraint("serial", name="uq_printed_copy_serial"),
    )
    op.create_index("ix_printed_copy_invitation_id", "printed_copy", ["invitation_id"])


def downgrade():
    op.drop_table("printed_copy")
    op.drop_table("printed_form")
