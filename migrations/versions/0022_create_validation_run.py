"""Create validation run and its files; a job says its steps and can be cancelled."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BEFORE = "status IN ('waiting', 'running', 'done', 'failed')"
AFTER = "status IN ('waiting', 'running', 'done', 'failed', 'cancelled')"


def upgrade():
    with op.batch_alter_table("job") as table:
        table.drop_constraint("known_status", type_="check")
        table.create_check_constraint("known_status", AFTER)
        table.alter_column(
            "problem",
            existing_type=sa.String(length=200),
            type_=sa.String(length=500),
            existing_nullable=True,
        )
        table.add_column(
            sa.Column("steps", sa.JSON(), nullable=False, server_default="[]")
        )
        table.add_column(sa.Column("n_steps", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True)
        )
    _create_runs()


def _create_runs():
    op.create_table(
        "validation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("instrument", sa.String(length=80), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("n_assessments", sa.Integer(), nullable=True),
        sa.Column("n_synthetic", sa.Integer(), nullable=True),
        sa.Column("software_version", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name="fk_validation_run_job_id_job"
        ),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["trust.id"], name="fk_validation_run_trust_id_trust"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_validation_run_campaign_id_campaign",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_validation_run"),
        sa.UniqueConstraint("job_id", name="uq_validation_run_job_id"),
    )
    op.create_index("ix_validation_run_trust_id", "validation_run", ["trust_id"])
    op.create_index("ix_validation_run_campaign_id", "validation_run", ["campaign_id"])
    op.create_table(
        "run_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("n_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["validation_run.id"],
            name="fk_run_file_run_id_validation_run",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_run_file"),
        sa.UniqueConstraint("run_id", "name", name="uq_run_file_run_id_name"),
    )


def downgrade():
    op.drop_table("run_file")
    op.drop_table("validation_run")
    op.execute("UPDATE job SET status = 'failed' WHERE status = 'cancelled'")
    op.execute("UPDATE job SET problem = substr(problem, 1, 200)")
    with op.batch_alter_table("job") as table:
        table.drop_column("lease_until")
        table.drop_column("n_steps")
        table.drop_column("steps")
        table.alter_column(
            "problem",
            existing_type=sa.String(length=500),
            type_=sa.String(length=200),
            existing_nullable=True,
        )
        table.drop_constraint("known_status", type_="check")
        table.create_check_constraint("known_status", BEFORE)
