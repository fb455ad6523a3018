"""Create imports of earlier answers, and which assessments came from which."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

STAGES = ("checked", "writing", "done", "cancelled", "undone")


def upgrade():
    op.create_table(
        "answer_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("n_rows", sa.Integer(), nullable=False),
        sa.Column("n_problems", sa.Integer(), nullable=False),
        sa.Column("n_written", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"stage IN {STAGES}", name="known_stage"),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_answer_import_campaign_id_campaign",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["staff_user.id"],
            name="fk_answer_import_made_by_id_staff_user",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_answer_import"),
        sa.UniqueConstraint(
            "campaign_id",
            "fingerprint",
            name="uq_answer_import_campaign_id_fingerprint",
        ),
    )
    op.create_table(
        "imported_assessment",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("answer_import_id", sa.Integer(), nullable=False),
        sa.Column("person_key", sa.String(length=64), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name="fk_imported_assessment_assessment_id_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["answer_import_id"],
            ["answer_import.id"],
            name="fk_imported_assessment_answer_import_id_answer_import",
        ),
        sa.PrimaryKeyConstraint("assessment_id", name="pk_imported_assessment"),
        sa.UniqueConstraint("row_key", name="uq_imported_assessment_row_key"),
    )
    for column in ("answer_import_id", "person_key"):
        op.create_index(
            f"ix_imported_assessment_{column}", "imported_assessment", [column]
        )


def downgrade():
    op.drop_table("imported_assessment")
    op.drop_table("answer_import")
