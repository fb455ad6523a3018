"""Move the retest of a campaign from a column of its own to the table of waves."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "INSERT INTO campaign_wave"
        " (campaign_id, number, kind, after_days, window_days, created_at)"
        " SELECT id, 2, 'retest', retest_after_days, 14, created_at"
        " FROM campaign WHERE retest_after_days > 0"
    )
    with op.batch_alter_table("campaign") as table:
        table.drop_column("retest_after_days")


def downgrade():
    with op.batch_alter_table("campaign") as table:
        table.add_column(sa.Column("retest_after_days", sa.Integer()))
    op.execute(
        "UPDATE campaign SET retest_after_days ="
        " (SELECT after_days FROM campaign_wave"
        " WHERE campaign_wave.campaign_id = campaign.id AND number = 2)"
    )
