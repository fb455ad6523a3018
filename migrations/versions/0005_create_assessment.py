"""Create assessment, its respondent, consents and session."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "respondent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_respondent"),
        sa.UniqueConstraint("pseudonym", name="uq_respondent_pseudonym"),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("instrument_id", sa.String(length=64), nullable=False),
        sa.Column("instrument_version", sa.Integer(), nullable=False),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("assisted_by", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("care_plan", sa.String(length=16), nullable=True),
        sa.Column("presentation", sa.JSON(), nullable=False),
        sa.Column("position", sa.String(length=64), nullable=True),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("receipt_code", sa.String(length=16), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "care_plan IN ('yes', 'no', 'not_sure')",
            name="known_care_plan",
        ),
        sa.CheckConstraint(
            "mode IN ('web', 'paper', 'telephone', 'face_to_face')",
            name="known_mode",
        ),
        sa.CheckConstraint(
            "perspective IN ('service_user', 'carer', 'professional')",
            name="known_perspective",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_assessment_campaign_id_campaign"
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name="fk_assessment_invitation_id_invitation",
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondent.id"],
            name="fk_assessment_respondent_id_respondent",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name="fk_assessment_team_id_team"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assessment"),
        sa.UniqueConstraint("receipt_code", name="uq_assessment_receipt_code"),
    )
    op.create_index(
        "ix_assessment_campaign_submitted",
        "assessment",
        ["campaign_id", "submitted_at"],
    )
    op.create_index("ix_assessment_invitation_id", "assessment", ["invitation_id"])
    op.create_index("ix_assessment_respondent_id", "assessment", ["respondent_id"])
    op.create_index("ix_assessment_team_id", "assessment", ["team_id"])

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.String(length=64), nullable=False),
        sa.Column("statement_version", sa.Integer(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name="fk_consent_assessment_id_assessment",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
        sa.UniqueConstraint(
            "assessment_id",
            "statement_id",
            name="uq_consent_assessment_id_statement_id",
        ),
    )
    op.create_table(
        "respondent_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name="fk_respondent_session_assessment_id_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name="fk_respondent_session_invitation_id_invitation",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_respondent_session"),
        sa.UniqueConstraint("secret_hash", name="uq_respondent_session_secret_hash"),
    )
    op.create_index(
        "ix_respondent_session_assessment_id", "respondent_session", ["assessment_id"]
    )


def downgrade():
    op.drop_index("ix_respondent_session_assessment_id", "respondent_session")
    op.drop_table("respondent_session")
    op.drop_table("consent")
    op.drop_index("ix_assessment_team_id", "assessment")
    op.drop_index("ix_assessment_respondent_id", "assessment")
    op.drop_index("ix_assessment_invitation_id", "assessment")
    op.drop_index("ix_assessment_campaign_submitted", "assessment")
    op.drop_table("assessment")
    op.drop_table("respondent")
