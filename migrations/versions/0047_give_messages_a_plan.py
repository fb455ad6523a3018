"""Give campaigns a plan of messages, and messages the life of an outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

BEFORE = ("due", "sending", "sent", "failed", "cancelled")
STATUSES = (*BEFORE[:3], "delivered", "failed", "uncertain", "cancelled")
CHANNELS = ("print", "email", "sms")
STAGES = ("making", "made", "posted", "cancelled")
KNOWN = "ck_message_known_status"
OWNER = "ck_message_belongs_to_a_campaign"


def at(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def of(kind, parent, *, ondelete=None):
    name = f"fk_{kind}_{parent}_id_{parent}"
    return sa.ForeignKeyConstraint(
        [f"{parent}_id"], [f"{parent}.id"], name=op.f(name), ondelete=ondelete
    )


def number(name, nullable=False):
    return sa.Column(name, sa.Integer(), nullable=nullable)


def upgrade():
    _create_mailing()
    _create_plan()
    with op.batch_alter_table("message") as table:
        table.drop_constraint(op.f(KNOWN), type_="check")
        table.create_check_constraint(op.f(KNOWN), f"status IN {STATUSES}")
        table.alter_column("invitation_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(number("campaign_id", nullable=True))
        table.add_column(number("mailing_id", nullable=True))
        table.add_column(number("step", nullable=True))
        table.add_column(sa.Column("carrier", sa.String(16), nullable=True))
        table.add_column(sa.Column("content", sa.LargeBinary(), nullable=True))
        for name in ("has_form", "is_undeliverable"):
            table.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
        for name in ("lease_until", "delivered_at"):
            table.add_column(at(name))
        for parent in ("campaign", "mailing"):
            name = op.f(f"fk_message_{parent}_id_{parent}")
            table.create_foreign_key(name, parent, [f"{parent}_id"], ["id"])
        table.create_check_constraint(
            op.f(OWNER), "invitation_id IS NOT NULL OR campaign_id IS NOT NULL"
        )
        for name in ("campaign_id", "mailing_id", "provider_reference"):
            table.create_index(op.f(f"ix_message_{name}"), [name])


def _create_mailing():
    op.create_table(
        "mailing",
        number("id"),
        number("campaign_id"),
        number("job_id", nullable=True),
        sa.Column("carrier", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        number("n"),
        at("made_at", nullable=False),
        at("finished_at"),
        sa.CheckConstraint(f"stage IN {STAGES}", name=op.f("ck_mailing_known_stage")),
        of("mailing", "campaign"),
        of("mailing", "job"),
        sa.PrimaryKeyConstraint("id", name="pk_mailing"),
    )
    op.create_index("ix_mailing_campaign_id", "mailing", ["campaign_id"])
    op.create_table(
        "mailing_file",
        number("id"),
        number("mailing_id"),
        number("number"),
        sa.Column("name", sa.String(80), nullable=False),
        number("n"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        of("mailing_file", "mailing", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_mailing_file"),
        sa.UniqueConstraint(
            "mailing_id", "number", name="uq_mailing_file_mailing_id_number"
        ),
    )
    op.create_index("ix_mailing_file_mailing_id", "mailing_file", ["mailing_id"])


def _create_plan():
    op.create_table(
        "message_plan",
        number("id"),
        number("campaign_id"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        number("from_hour"),
        number("until_hour"),
        sa.Column(
            "on_weekends", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        number("most"),
        number("within_days"),
        at("started_at"),
        at("paused_at"),
        sa.CheckConstraint(
            "0 <= from_hour AND from_hour < until_hour AND until_hour <= 24",
            name=op.f("ck_message_plan_hours_of_a_day"),
        ),
        sa.CheckConstraint(
            "most > 0 AND within_days > 0",
            name=op.f("ck_message_plan_cap_lets_something"),
        ),
        of("message_plan", "campaign", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_message_plan"),
        sa.UniqueConstraint("campaign_id", name="uq_message_plan_campaign_id"),
    )
    op.create_table(
        "plan_step",
        number("id"),
        number("plan_id"),
        number("number"),
        number("after_days"),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("letters_by", sa.String(16), nullable=False),
        sa.Column("has_form", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.CheckConstraint(
            f"channel IN {('preferred', 'email', 'sms', 'print')}",
            name=op.f("ck_plan_step_known_channel"),
        ),
        sa.CheckConstraint("after_days >= 0", name=op.f("ck_plan_step_comes_after")),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["message_plan.id"],
            name="fk_plan_step_plan_id_message_plan",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_step"),
        sa.UniqueConstraint("plan_id", "number", name="uq_plan_step_plan_id_number"),
    )
    op.create_table(
        "message_text",
        number("id"),
        number("campaign_id"),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        number("version"),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        at("made_at", nullable=False),
        of("message_text", "campaign", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_message_text"),
        sa.UniqueConstraint(
            "campaign_id",
            "kind",
            "channel",
            "language",
            "version",
            name="uq_message_text_campaign_id_kind_channel_language_version",
        ),
    )


def downgrade():
    op.execute("UPDATE message SET status = 'sent' WHERE status = 'delivered'")
    op.execute("UPDATE message SET status = 'failed' WHERE status = 'uncertain'")
    tests = "SELECT id FROM message WHERE invitation_id IS NULL"
    op.execute(f"DELETE FROM message WHERE id IN ({tests})")
    with op.batch_alter_table("message") as table:
        for name in ("campaign_id", "mailing_id", "provider_reference"):
            table.drop_index(op.f(f"ix_message_{name}"))
        table.drop_constraint(op.f(OWNER), type_="check")
        for parent in ("campaign", "mailing"):
            name = op.f(f"fk_message_{parent}_id_{parent}")
            table.drop_constraint(name, type_="foreignkey")
        for name in (
            *("campaign_id", "mailing_id", "step", "carrier", "content"),
            *("has_form", "is_undeliverable", "lease_until", "delivered_at"),
        ):
            table.drop_column(name)
        table.alter_column("invitation_id", existing_type=sa.Integer(), nullable=False)
        table.drop_constraint(op.f(KNOWN), type_="check")
        table.create_check_constraint(op.f(KNOWN), f"status IN {BEFORE}")
    for name in ("message_text", "plan_step", "message_plan"):
        op.drop_table(name)
    op.drop_table("mailing_file")
    op.drop_table("mailing")
