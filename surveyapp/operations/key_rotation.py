"""`prom keys`: a new key for personal data, and everything encrypted with it anew.

What an older key encrypted can be read until the last row is done: batches are short,
each is kept by itself, and whoever is stopped goes on by starting again. What stands in
clear since before its column was encrypted is encrypted by the same round.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from passlib.totp import TOTP
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Table,
    Text,
    cast,
    func,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from .. import audit, sqlite_log
from ..auth.second_factor import wallet_of
from ..config import Config
from ..database import take_turns
from ..encryption import (
    BEGINNING,
    EncryptedWords,
    PartlyEncrypted,
    cipher,
    is_encrypted,
)
from ..extensions import db
from ..keys import derived_key
from ..links import code_hash
from ..models import Assessment, Invitation, StaffUser

BATCH = 200  # rows in one transaction


@dataclass
class Tally:
    """What became of the values that were looked at."""

    done: int = 0  # encrypted anew
    there: int = 0  # had the newest key before
    unreadable: int = 0  # no key opens them; they stay as they are
    twice: int = 0  # cannot be asked for: another row has the same
    is_log_empty: bool = True  # of what stood in clear before


def columns() -> list[tuple[Table, Column]]:
    """Every column whose values are encrypted, by table."""
    return [
        (table, column)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if is_encrypted(column.type)
    ]


def rotate(config: Config, session: Session, *, now: datetime) -> Tally:
    """Encrypt with the newest key whatever has another. Commits batch by batch."""
    tally, newest, keys = Tally(), Fernet(config.field_keys[0]), cipher()
    tally.twice = _index(session)
    for table, column in columns():
        for batch in _batches(session, table, column):
            for number, value in batch:
                anew = _anew(column, value, newest, keys, tally)
                if anew is not None:
                    _replace(session, table, column, number, value, anew)
            session.commit()
            take_turns(session)
    _second_factors(config, session, tally)
    audit.record(
        session,
        actor="system",
        action="keys.rotated",
        subject=None,
        at=now,
        n=tally.done,
        unreadable=tally.unreadable,
    )
    session.commit()
    tally.is_log_empty = sqlite_log.empty_or_note(session, now=now)
    return tally


def n_older(config: Config, session: Session) -> int:
    """How many values the newest key does not open."""
    newest, keys, tally = Fernet(config.field_keys[0]), cipher(), Tally()
    for table, column in columns():
        for batch in _batches(session, table, column):
            for _, value in batch:
                _anew(column, value, newest, keys, tally)
    session.rollback()
    factory = TOTP.using(wallet=wallet_of(config.totp_keys()))
    older = [each for each in _secrets(session) if _is_older(factory, each[1])]
    return tally.done + tally.unreadable + len(older)


def _batches(session: Session, table: Table, column: Column) -> Iterator[list]:
    """Each row's primary key and value as it is kept, some rows at a time."""
    keys = [*table.primary_key.columns]
    raw = type_coerce(column, _kind(column).kept_as)
    query = select(*keys, raw).where(column.is_not(None)).order_by(*keys).limit(BATCH)
    more = query
    while rows := session.execute(more).all():
        yield [(tuple(row[:-1]), row[-1]) for row in rows]
        more = query.where(tuple_(*keys) > tuple_(*rows[-1][:-1]))


def _anew(
    column: Column, value: Any, newest: Fernet, keys: MultiFernet, tally: Tally
) -> Any:
    """The value with the newest key; None where it has that, or cannot be opened."""
    try:
        anew = _kind(column).renewed(value, newest, keys)
    except InvalidToken:
        tally.unreadable += 1
        return None
    if anew is None:
        tally.there += 1
    else:
        tally.done += 1
    return anew


def _replace(session, table, column, number, before, anew) -> None:
    """Put a value in the place of the same one; one that changed meanwhile has the
    newest key already.
    """
    kind = _kind(column).kept_as
    is_row = [key == n for key, n in zip(table.primary_key.columns, number)]
    if isinstance(column.type, PartlyEncrypted):  # as text: PostgreSQL compares no JSON
        is_same = cast(column, Text) == cast(type_coerce(before, kind), Text)
    else:
        is_same = type_coerce(column, kind) == before
    change = update(table).where(*is_row, is_same)
    session.execute(change.values({column.name: type_coerce(anew, kind)}))


def _kind(column: Column) -> Any:
    """The type of an encrypted column: `surveyapp.encryption`."""
    return column.type


def unopened(config: Config, connection: Connection) -> list[str]:
    """Columns of which the first or the last value opens with none of the keys."""
    newest = Fernet(config.field_keys[0])
    keys = MultiFernet([Fernet(key) for key in config.field_keys])
    return [
        f"{table.name}.{column.name}"
        for table, column in columns()
        if not _opens(connection, table, column, newest, keys)
    ]


def _opens(connection, table, column, newest: Fernet, keys: MultiFernet) -> bool:
    query = select(type_coerce(column, _kind(column).kept_as)).limit(1)
    query = query.where(column.is_not(None))
    ends = table.primary_key.columns, [key.desc() for key in table.primary_key.columns]
    try:
        for order in ends:
            for value in connection.scalars(query.order_by(*order)):
                _kind(column).renewed(value, newest, keys)
    except InvalidToken:
        return False
    return True


def n_in_clear(session: Session | Connection) -> int:
    """How many values stand in clear in columns that are encrypted now."""
    return sum(_n_in_clear(session, column) for _, column in columns())


def _n_in_clear(session: Session | Connection, column: Column) -> int:
    if isinstance(column.type, EncryptedWords):
        raw = type_coerce(column, Text)
        # The beginning is compared by itself: LIKE of SQLite takes Gaaaaa for it too.
        is_clear = (raw != "") & (func.substr(raw, 1, len(BEGINNING)) != BEGINNING)
        return session.scalar(select(func.count()).where(is_clear)) or 0
    if isinstance(column.type, PartlyEncrypted):
        read = select(type_coerce(column, JSON)).where(cast(column, Text) != "{}")
        held: Iterator[dict] = iter(session.scalars(read))
        return sum(map(column.type.is_in_clear, held))
    return 0


def _index(session: Session) -> int:
    """Give what stands in clear the hash by which it is asked for. Commits batch by
    batch; how many stay without one, since another row has it.
    """
    codes = derived_key("codes")
    receipts = (
        (Assessment, Assessment.receipt_code, Assessment.personal_code_hash),
        (Invitation, Invitation.promised_receipt, Invitation.paper_code_hash),
    )
    n_twice = _index_one(session, StaffUser, StaffUser.email, StaffUser.email_index)
    for model, code, hashed in receipts:
        n_twice += _index_one(
            session, model, code, hashed, lambda said: code_hash(said, codes)
        )
    return n_twice


def _index_one(
    session: Session, model: Any, words: Any, hashed: Any, hash_of: Callable = str
) -> int:
    """The same for one column. A version before may have added again what this one
    had encrypted, which it cannot see: who had it first keeps it.
    """
    lacks = select(model.id, words).where(words.is_not(None), hashed.is_(None))
    last, n_twice = 0, 0
    batch = lacks.order_by(model.id).limit(BATCH)
    while rows := session.execute(batch.where(model.id > last)).all():
        for number, said in rows:
            made, last = hash_of(said), number
            if session.scalar(select(model.id).where(hashed == made)) is not None:
                n_twice += 1
                continue
            one = update(model).where(model.id == number)
            session.execute(one.values({hashed: made}))
        session.commit()
        take_turns(session)
    return n_twice


def _second_factors(config: Config, session: Session, tally: Tally) -> None:
    factory = TOTP.using(wallet=wallet_of(config.totp_keys()))
    for number, secret in _secrets(session):
        if not _is_older(factory, secret):
            tally.there += 1
            continue
        try:
            anew = factory.from_source(secret).to_json(encrypt=True)
        except (KeyError, ValueError):
            tally.unreadable += 1
            continue
        is_same = (StaffUser.id == number, StaffUser.tf_totp_secret == secret)
        session.execute(update(StaffUser).where(*is_same).values(tf_totp_secret=anew))
        tally.done += 1
    session.commit()


def _secrets(session: Session) -> list[tuple[int, str]]:
    query = select(StaffUser.id, StaffUser.tf_totp_secret)
    query = query.where(StaffUser.tf_totp_secret.is_not(None)).order_by(StaffUser.id)
    return [(number, secret or "") for number, secret in session.execute(query)]


def _is_older(factory, secret: str) -> bool:
    try:
        return bool(factory.from_source(secret).changed)
    except (KeyError, ValueError):
        return True
