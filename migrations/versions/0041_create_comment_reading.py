"""Keep who reads a campaign's comments, by when, and what came of each."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "comment_protocol",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("days > 0", name="ck_comment_protocol_within_days"),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_comment_protocol_campaign_id_campaign",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_comment_protocol"),
    )
    op.create_table(
        "comment_reader",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("staff_user_id", sa.Integer(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_comment_reader_campaign_id_campaign",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_user_id"],
            ["staff_user.id"],
            name="fk_comment_reader_staff_user_id_staff_user",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_comment_reader"),
        sa.UniqueConstraint(
            "campaign_id",
            "staff_user_id",
            name="uq_comment_reader_campaign_id_staff_user_id",
        ),
    )
    op.create_index(
        "ix_comment_reader_staff_user_id", "comment_reader", ["staff_user_id"]
    )
    op.create_table(
        "comment_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("risk", sa.String(length=16), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("edited", sa.Text(), nullable=False),
        sa.Column("why_held", sa.Text(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=True),
        sa.Column("let_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "risk IN ('none', 'open', 'closed')", name="ck_comment_reading_known_risk"
        ),
        sa.CheckConstraint(
            "decision IN ('undecided', 'for_leads', 'held_back')",
            name="ck_comment_reading_known_decision",
        ),
        sa.CheckConstraint(
            "(block_id IS NULL) = (let_out_at IS NULL)",
            name="ck_comment_reading_let_out_in_a_block",
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comment.id"],
            name="fk_comment_reading_comment_id_comment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"],
            ["staff_user.id"],
            name="fk_comment_reading_reader_id_staff_user",
        ),
        sa.ForeignKeyConstraint(
            ["block_id"],
            ["released_block.id"],
            name="fk_comment_reading_block_id_released_block",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_comment_reading"),
        sa.UniqueConstraint("comment_id", name="uq_comment_reading_comment_id"),
    )
    op.create_index("ix_comment_reading_block_id", "comment_reading", ["block_id"])


def downgrade():
    op.drop_table("comment_reading")
    op.drop_table("comment_reader")
    op.drop_table("comment_protocol")
