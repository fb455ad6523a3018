"""Give an invitation as many links and codes as it needs, each in a row of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

HASHES = ("token_hash", "short_code_hash")


def upgrade():
    op.create_table(
        "invitation_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("short_code_hash", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name="fk_invitation_token_invitation_id_invitation",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name="fk_invitation_token_message_id_message",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_invitation_token"),
        sa.UniqueConstraint("token_hash", name="uq_invitation_token_token_hash"),
        sa.UniqueConstraint(
            "short_code_hash", name="uq_invitation_token_short_code_hash"
        ),
    )
    op.create_index(
        "ix_invitation_token_invitation_id", "invitation_token", ["invitation_id"]
    )
    op.execute(
        "INSERT INTO invitation_token"
        " (invitation_id, token_hash, short_code_hash, made_at)"
        " SELECT id, token_hash, short_code_hash, created_at FROM invitation"
    )
    with op.batch_alter_table("invitation") as table:
        for name in HASHES:
            table.drop_constraint(f"uq_invitation_{name}", type_="unique")
            table.drop_column(name)


def downgrade():
    with op.batch_alter_table("invitation") as table:
        for name in HASHES:
            table.add_column(sa.Column(name, sa.String(64), nullable=True))
    for name in HASHES:
        op.execute(
            f"UPDATE invitation SET {name} = (SELECT {name} FROM invitation_token"
            " WHERE invitation_id = invitation.id ORDER BY id LIMIT 1)"
        )
    with op.batch_alter_table("invitation") as table:
        table.alter_column(
            "token_hash", existing_type=sa.String(length=64), nullable=False
        )
        for name in HASHES:
            table.create_unique_constraint(f"uq_invitation_{name}", [name])
    op.drop_index("ix_invitation_token_invitation_id", "invitation_token")
    op.drop_table("invitation_token")
