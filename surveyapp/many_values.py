"""Statements about many values at once.

PostgreSQL's driver takes long over thousands of placeholders, and little over one
array; SQLite knows no arrays, and its placeholders cost next to nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    any_,
    bindparam,
    column,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session


def among(session: Session, of: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """The condition that a column is one of these values."""
    if not _has_arrays(session):
        return of.in_(values)
    return of == any_(literal([*values], ARRAY(of.type)))


def insert_rows(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows that have the same columns; the caller commits."""
    if not _has_arrays(session):
        session.execute(insert(table), rows)
        return
    names = [*rows[0]]
    arrays = [
        bindparam(name, [row[name] for row in rows], ARRAY(table.c[name].type))
        for name in names
    ]
    columns = (column(name, table.c[name].type) for name in names)
    given = func.unnest(*arrays).table_valued(*columns).render_derived()
    session.execute(insert(table).from_select(names, select(given)))


def _has_arrays(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
