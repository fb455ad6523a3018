"""Admit marks on paper that cannot be read as one answer, each under its own code."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

REASONS = (
    "did_not_happen",
    "not_wanted",
    "not_applicable",
    "cannot_remember",
    "prefer_not_to_say",
)
UNCLEAR = ("several_marked", "between_boxes", "illegible")
NAME = "ck_answer_known_reason"


def upgrade():
    _admit(REASONS + UNCLEAR)


def downgrade():
    op.execute(f"DELETE FROM answer WHERE reason IN {UNCLEAR}")
    _admit(REASONS)


def _admit(reasons):
    """Change which reasons an answer may have."""
    with op.batch_alter_table("answer") as table:
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), f"reason IN {reasons}")
