"""Keep a file of earlier answers in pieces, with what was found in it."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BEFORE = ("checked", "writing", "done", "cancelled", "undone")
STAGES = ("receiving", "checking", *BEFORE, "undoing", "cancelling")
COUNTS = ("n_good", "line_written")
NAME = "ck_answer_import_known_stage"


def upgrade():
    op.create_table(
        "answer_import_piece",
        sa.Column("answer_import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_import_id"],
            ["answer_import.id"],
            name="fk_answer_import_piece_answer_import_id_answer_import",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "answer_import_id", "number", name="pk_answer_import_piece"
        ),
    )
    # A file so far is one piece; what is encrypted stays so.
    op.execute(
        "INSERT INTO answer_import_piece (answer_import_id, number, content) "
        "SELECT id, 0, content FROM answer_import WHERE content IS NOT NULL"
    )
    with op.batch_alter_table("answer_import") as table:
        table.add_column(sa.Column("findings", sa.LargeBinary(), nullable=True))
        for name in COUNTS:
            table.add_column(
                sa.Column(name, sa.Integer(), nullable=False, server_default="0")
            )
        table.add_column(sa.Column("job_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_answer_import_job_id_job", "job", ["job_id"], ["id"]
        )
        table.drop_column("content")
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), f"stage IN {STAGES}")
    with op.batch_alter_table("answer_import") as table:
        for name in COUNTS:
            table.alter_column(name, server_default=None)
    # It is looked at again; of one that was half written the last line is not known.
    _move("checking", "stage = 'checked'")
    _move("cancelling", "stage = 'writing'", frees_file=True)


def downgrade():
    _move("cancelled", "stage IN ('receiving', 'checking')", frees_file=True)
    _move("writing", "stage = 'cancelling'")
    _move("done", "stage = 'undoing'")
    several = "SELECT answer_import_id FROM answer_import_piece WHERE number = 1"
    _move("cancelled", f"stage = 'checked' AND id IN ({several})", frees_file=True)
    with op.batch_alter_table("answer_import") as table:
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), f"stage IN {BEFORE}")
        table.add_column(sa.Column("content", sa.LargeBinary(), nullable=True))
        table.drop_constraint("fk_answer_import_job_id_job", type_="foreignkey")
        table.drop_column("job_id")
        for name in COUNTS:
            table.drop_column(name)
        table.drop_column("findings")
    op.execute(
        "UPDATE answer_import SET content = (SELECT content FROM answer_import_piece "
        "WHERE answer_import_id = answer_import.id AND number = 0) "
        f"WHERE stage = 'checked' OR (stage = 'writing' AND id NOT IN ({several}))"
    )
    op.drop_table("answer_import_piece")


def _move(stage, where, *, frees_file=False):
    """Put imports into another stage, and let their file be brought in again."""
    free = ", fingerprint = NULL" if frees_file else ""
    op.execute(f"UPDATE answer_import SET stage = '{stage}'{free} WHERE {where}")
