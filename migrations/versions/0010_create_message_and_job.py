"""Create message and job."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("trust_id", sa.Integer(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'failed')",
            name="known_status",
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff_user.id"], name="fk_job_asked_by_id_staff_user"
        ),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name="fk_job_trust_id_trust"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_status_run_after", "job", ["status", "run_after"])

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("provider_reference", sa.String(length=128), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "channel IN ('print', 'email', 'sms')", name="known_channel"
        ),
        sa.CheckConstraint(
            "status IN ('due', 'sending', 'sent', 'failed', 'cancelled')",
            name="known_status",
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name="fk_message_invitation_id_invitation",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("idempotency_key", name="uq_message_idempotency_key"),
    )
    op.create_index("ix_message_invitation_id", "message", ["invitation_id"])
    op.create_index("ix_message_status_due", "message", ["status", "due_at"])


def downgrade():
    op.drop_index("ix_message_status_due", "message")
    op.drop_index("ix_message_invitation_id", "message")
    op.drop_table("message")
    op.drop_index("ix_job_status_run_after", "job")
    op.drop_table("job")
