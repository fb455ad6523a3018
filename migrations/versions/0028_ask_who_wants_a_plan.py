"""Keep whether who has no care plan would want one, and admit not knowing."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BEFORE = (
    "'did_not_happen', 'not_wanted', 'not_applicable', 'cannot_remember', "
    "'prefer_not_to_say', 'several_marked', 'between_boxes', 'illegible'"
)
NAME = "ck_answer_known_reason"
WANTS = "ck_assessment_known_wants_plan"


def upgrade():
    with op.batch_alter_table("assessment") as table:
        table.add_column(sa.Column("wants_plan", sa.String(16), nullable=True))
        table.create_check_constraint(
            op.f(WANTS), "wants_plan IN ('yes', 'no', 'not_sure')"
        )
    with op.batch_alter_table("answer") as table:
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(
            op.f(NAME), f"reason IN ({BEFORE}, 'do_not_know')"
        )


def downgrade():
    # What the step before has no word for counts as missing under either word.
    op.execute(
        "UPDATE answer SET reason = 'cannot_remember' WHERE reason = 'do_not_know'"
    )
    with op.batch_alter_table("answer") as table:
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), f"reason IN ({BEFORE})")
    with op.batch_alter_table("assessment") as table:
        table.drop_constraint(op.f(WANTS), type_="check")
        table.drop_column("wants_plan")
