"""Give answers a personal code, and tell sendings by one invitation apart."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

INDEX = "uq_assessment_later_wave"
COLUMNS = ["respondent_id", "campaign_id", "perspective", "wave"]
BEFORE = sa.text("wave > 1 AND withdrawn_at IS NULL")
COUNTS = sa.text(
    "wave > 1 AND withdrawn_at IS NULL AND submitted_at IS NOT NULL "
    "AND duplicate_number IS NULL"
)
HASHES = ("personal_code_hash", "return_token_hash")


def upgrade():
    op.drop_index(INDEX, table_name="assessment")
    with op.batch_alter_table("assessment") as table:
        for name in HASHES:
            table.add_column(sa.Column(name, sa.String(64), nullable=True))
            table.create_unique_constraint(f"uq_assessment_{name}", [name])
        table.add_column(
            sa.Column("continued_at", sa.DateTime(timezone=True), nullable=True)
        )
        table.add_column(sa.Column("duplicate_number", sa.Integer(), nullable=True))
        table.create_check_constraint(
            op.f("ck_assessment_later_sendings_are_numbered"), "duplicate_number > 1"
        )
    _index(COUNTS)
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("paper_code_hash", sa.String(64), nullable=True))
        table.create_unique_constraint(
            "uq_invitation_paper_code_hash", ["paper_code_hash"]
        )
    with op.batch_alter_table("respondent_session") as table:
        table.add_column(sa.Column("is_own_device", sa.Boolean(), nullable=True))


def downgrade():
    with op.batch_alter_table("respondent_session") as table:
        table.drop_column("is_own_device")
    with op.batch_alter_table("invitation") as table:
        table.drop_constraint("uq_invitation_paper_code_hash", type_="unique")
        table.drop_column("paper_code_hash")
    op.drop_index(INDEX, table_name="assessment")
    # The step before admits one answering of a wave: what does not count goes to
    # where withdrawn answers are, as nothing else there is left out of scores.
    op.execute(
        "UPDATE assessment SET withdrawn_at = submitted_at "
        "WHERE duplicate_number IS NOT NULL AND withdrawn_at IS NULL"
    )
    op.execute(
        "UPDATE assessment SET withdrawn_at = started_at WHERE wave > 1 "
        "AND withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM assessment AS other "
        "WHERE other.respondent_id = assessment.respondent_id "
        "AND other.campaign_id = assessment.campaign_id "
        "AND other.perspective = assessment.perspective "
        "AND other.wave = assessment.wave AND other.withdrawn_at IS NULL "
        "AND (assessment.submitted_at IS NULL) >= (other.submitted_at IS NULL) "
        "AND ((assessment.submitted_at IS NULL) > (other.submitted_at IS NULL) "
        "OR other.id > assessment.id))"
    )
    with op.batch_alter_table("assessment") as table:
        table.drop_constraint(
            op.f("ck_assessment_later_sendings_are_numbered"), type_="check"
        )
        table.drop_column("duplicate_number")
        table.drop_column("continued_at")
        for name in HASHES:
            table.drop_constraint(f"uq_assessment_{name}", type_="unique")
            table.drop_column(name)
    _index(BEFORE)


def _index(where):
    op.create_index(
        INDEX,
        "assessment",
        COLUMNS,
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
