"""Create the later waves of a campaign, and invitations that ask someone again."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WHERE = sa.text("wave > 1 AND withdrawn_at IS NULL")


def upgrade():
    op.create_table(
        "campaign_wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("after_days", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), server_default="14", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('retest', 'follow_up')",
            name=op.f("ck_campaign_wave_known_kind"),
        ),
        sa.CheckConstraint(
            "number > 1 AND after_days > 0", name=op.f("ck_campaign_wave_comes_later")
        ),
        sa.CheckConstraint("window_days > 0", name=op.f("ck_campaign_wave_stays_open")),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_campaign_wave_campaign_id_campaign",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_wave"),
        sa.UniqueConstraint(
            "campaign_id", "number", name="uq_campaign_wave_campaign_id_number"
        ),
    )
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("respondent_id", sa.Integer()))
        table.create_foreign_key(
            "fk_invitation_respondent_id_respondent",
            "respondent",
            ["respondent_id"],
            ["id"],
        )
        table.create_index("ix_invitation_respondent_id", ["respondent_id"])
        table.create_unique_constraint(
            "uq_invitation_campaign_id_respondent_id_perspective",
            ["campaign_id", "respondent_id", "perspective"],
        )
    op.create_index(
        "uq_assessment_later_wave",
        "assessment",
        ["respondent_id", "campaign_id", "perspective", "wave"],
        unique=True,
        sqlite_where=WHERE,
        postgresql_where=WHERE,
    )


def downgrade():
    op.drop_index("uq_assessment_later_wave", table_name="assessment")
    with op.batch_alter_table("invitation") as table:
        table.drop_constraint(
            "uq_invitation_campaign_id_respondent_id_perspective", type_="unique"
        )
        table.drop_index("ix_invitation_respondent_id")
        table.drop_constraint(
            "fk_invitation_respondent_id_respondent", type_="foreignkey"
        )
        table.drop_column("respondent_id")
    op.drop_table("campaign_wave")
