"""Key forms twice: a form stands on its own until its two readings agree.

No version before this one wrote to the table, so it is made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STAGES = (
    "first",
    "second",
    "differences",
    "agreed",
    "no_consent",
    "superseded",
    "removed",
)
PERSPECTIVES = ("service_user", "carer", "professional")


def reference(column, target, **options):
    name = f"fk_keyed_form_{column}_{target.partition('.')[0]}"
    return sa.ForeignKeyConstraint([column], [target], name=name, **options)


def upgrade():
    op.drop_table("keyed_form")
    op.create_table(
        "keyed_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("printed_form_id", sa.Integer(), nullable=True),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("perspective", sa.String(length=32), nullable=False),
        sa.Column("instrument", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("first_keyer_id", sa.Integer(), nullable=False),
        sa.Column("second_keyer_id", sa.Integer(), nullable=True),
        sa.Column("resolver_id", sa.Integer(), nullable=True),
        sa.Column("first", sa.JSON(), nullable=False),
        sa.Column("second", sa.JSON(), nullable=False),
        sa.Column("resolved", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("n_fields", sa.Integer(), nullable=True),
        sa.Column("n_differences", sa.Integer(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_keyer_id <> second_keyer_id", name="two_people"),
        sa.CheckConstraint(f"stage IN {STAGES}", name="known_stage"),
        sa.CheckConstraint(
            f"perspective IN {PERSPECTIVES}",
            name="known_perspective",
        ),
        reference("campaign_id", "campaign.id"),
        reference("invitation_id", "invitation.id"),
        reference("printed_form_id", "printed_form.id"),
        reference("assessment_id", "assessment.id", ondelete="CASCADE"),
        reference("team_id", "team.id"),
        reference("first_keyer_id", "staff_user.id"),
        reference("second_keyer_id", "staff_user.id"),
        reference("resolver_id", "staff_user.id"),
        sa.PrimaryKeyConstraint("id", name="pk_keyed_form"),
        sa.UniqueConstraint("invitation_id", name="uq_keyed_form_invitation_id"),
        sa.UniqueConstraint("assessment_id", name="uq_keyed_form_assessment_id"),
    )
    op.create_index(
        "ix_keyed_form_campaign_stage", "keyed_form", ["campaign_id", "stage"]
    )


def downgrade():
    op.drop_table("keyed_form")
    op.create_table(
        "keyed_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("first_keyer_id", sa.Integer(), nullable=False),
        sa.Column("second_keyer_id", sa.Integer(), nullable=True),
        sa.Column("first", sa.JSON(), nullable=False),
        sa.Column("second", sa.JSON(), nullable=True),
        sa.Column("resolved", sa.JSON(), nullable=True),
        sa.Column("keyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_keyer_id <> second_keyer_id", name="two_people"),
        reference("assessment_id", "assessment.id", ondelete="CASCADE"),
        reference("first_keyer_id", "staff_user.id"),
        reference("second_keyer_id", "staff_user.id"),
        sa.PrimaryKeyConstraint("id", name="pk_keyed_form"),
        sa.UniqueConstraint("assessment_id", name="uq_keyed_form_assessment_id"),
    )
