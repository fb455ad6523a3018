"""Let addresses of staff, receipts and comments be encrypted.

Columns of text only become wide enough, and addresses get a hash to be asked by: what
stands there stays in clear, and an older version goes on, until `prom keys rotate`. On
the way back everything is decrypted, some rows at a time.
"""

import json

import sqlalchemy as sa
from alembic import op
from cryptography.fernet import Fernet, MultiFernet
from flask import current_app

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

NAME = "uq_staff_user_email_index"
TOKEN = "gAAAAA"
BATCH = 200
WIDENED = (
    ("staff_user", "email", 254, False),
    ("assessment", "receipt_code", 16, True),
    ("invitation", "promised_receipt", 16, True),
)
WORDS = (
    *((table, column) for table, column, *_ in WIDENED),
    ("comment", "text"),
    ("comment_reading", "action"),
    ("comment_reading", "edited"),
    ("comment_reading", "why_held"),
    ("keyed_form", "note"),
)
READINGS = ("first", "second", "resolved")


def upgrade():
    with op.batch_alter_table("staff_user") as table:
        table.add_column(sa.Column("email_index", sa.String(length=64), nullable=True))
        table.create_unique_constraint(NAME, ["email_index"])
    for name, column, width, is_nullable in WIDENED:
        with op.batch_alter_table(name) as table:
            table.alter_column(
                column,
                existing_type=sa.String(length=width),
                type_=sa.Text(),
                existing_nullable=is_nullable,
            )


def downgrade():
    keys = current_app.config["PROM"].field_keys
    cipher = MultiFernet([Fernet(key) for key in keys])
    for name, column in WORDS:
        _each(name, column, sa.Text(), lambda held: _opened(cipher, held))
    for column in READINGS:
        _each("keyed_form", column, sa.JSON(), lambda held: _read(cipher, held))
    for name, column, width, is_nullable in WIDENED:
        with op.batch_alter_table(name) as table:
            table.alter_column(
                column,
                existing_type=sa.Text(),
                type_=sa.String(length=width),
                existing_nullable=is_nullable,
            )
    with op.batch_alter_table("staff_user") as table:
        table.drop_constraint(NAME, type_="unique")
        table.drop_column("email_index")


def _each(name, column, kind, change):
    """Put what `change` makes of it in the place of each value."""
    table = sa.table(name, sa.column("id", sa.Integer), sa.column(column, kind))
    held, last = table.c[column], 0
    rows = sa.select(table.c.id, held).where(held.is_not(None))
    while True:
        batch = rows.where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        found = op.get_bind().execute(batch).all()
        if not found:
            return
        for number, value in found:
            changed = change(value)
            if changed != value:
                one = sa.update(table).where(table.c.id == number)
                op.execute(one.values({column: changed}))
        last = found[-1].id


def _opened(cipher, words):
    is_token = isinstance(words, str) and words.startswith(TOKEN)
    return cipher.decrypt(words.encode()).decode() if is_token else words


def _read(cipher, reading):
    reading = json.loads(reading) if isinstance(reading, str) else reading
    held = reading.get("comment")
    if isinstance(held, list):
        return {**reading, "comment": [_opened(cipher, each) for each in held]}
    return {**reading, "comment": _opened(cipher, held)} if held else reading
