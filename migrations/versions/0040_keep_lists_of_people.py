"""Keep lists of people: contacts by keyed hashes, and who is not to be written to."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

KINDS = ("contacts", "deceased", "do_not_contact", "data_opt_out")
STAGES = ("receiving", "mapping", "checking", "checked", "writing")
STAGES = (*STAGES, "undoing", "cancelling", "done", "undone", "cancelled")
IMPORT = "contact_import_id"


def _refers(table, column, to, **how):
    name = f"fk_{table}_{column}_{to}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, **how)


def _index(table, *columns):
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, [*columns])


def upgrade():
    counts = ("n_rows", "n_good", "n_written", "line_written")
    op.create_table(
        "contact_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("retain_until", sa.Date(), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("findings", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        _refers("contact_import", "trust_id", "trust"),
        _refers("contact_import", "made_by_id", "staff_user"),
        _refers("contact_import", "job_id", "job"),
        sa.CheckConstraint(
            f"stage IN {STAGES}", name=op.f("ck_contact_import_known_stage")
        ),
        sa.CheckConstraint(
            f"kind IN {KINDS}", name=op.f("ck_contact_import_known_kind")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contact_import"),
    )
    _index("contact_import", "trust_id")
    op.create_table(
        "contact_import_piece",
        sa.Column(IMPORT, sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _refers("contact_import_piece", IMPORT, "contact_import", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(IMPORT, "number", name="pk_contact_import_piece"),
    )
    with op.batch_alter_table("contact") as table:
        table.add_column(sa.Column(IMPORT, sa.Integer(), nullable=True))
        table.add_column(sa.Column("perspective", sa.String(32), nullable=True))
        table.create_foreign_key(
            f"fk_contact_{IMPORT}_contact_import", "contact_import", [IMPORT], ["id"]
        )
    _index("contact", IMPORT)
    _index("contact", "retain_until")
    op.create_table(
        "contact_key",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("is_about", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("kind", sa.String(16), nullable=False),
        _refers("contact_key", "contact_id", "contact", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(
            "contact_id", "digest", "is_about", name="pk_contact_key"
        ),
    )
    _index("contact_key", "digest")
    op.create_table(
        "contact_change",
        sa.Column(IMPORT, sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _refers("contact_change", IMPORT, "contact_import", ondelete="CASCADE"),
        _refers("contact_change", "contact_id", "contact", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(IMPORT, "contact_id", name="pk_contact_change"),
    )
    _index("contact_change", "contact_id")
    _index("contact_change", "made_at")
    op.create_table(
        "suppression",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column(IMPORT, sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        _refers("suppression", "trust_id", "trust"),
        _refers("suppression", IMPORT, "contact_import"),
        sa.PrimaryKeyConstraint("id", name="pk_suppression"),
    )
    for column in ("trust_id", IMPORT, "digest"):
        _index("suppression", column)


def downgrade():
    op.drop_table("suppression")
    op.drop_table("contact_change")
    op.drop_table("contact_key")
    op.drop_index("ix_contact_retain_until", "contact")
    op.drop_index(f"ix_contact_{IMPORT}", "contact")
    with op.batch_alter_table("contact") as table:
        table.drop_constraint(f"fk_contact_{IMPORT}_contact_import", type_="foreignkey")
        table.drop_column("perspective")
        table.drop_column(IMPORT)
    op.drop_table("contact_import_piece")
    op.drop_table("contact_import")
