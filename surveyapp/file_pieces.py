"""The text of a file that is to be brought in: kept in pieces, read in pieces, deleted.

Each piece is encrypted, and written, read or deleted in a moment, so that nobody's
answer waits for a whole file.
"""

from itertools import islice

from sqlalchemy import delete, func, insert, inspect, select

from .database import let_go, take_turns
from .models import AnswerImportPiece

AT_ONCE = 8  # pieces in one transaction: half a megabyte


def keep(session, import_id, pieces, kind=AnswerImportPiece):
    """Write a text that comes in pieces, none of them empty. Commits as it goes.

    `kind` is the table of the pieces, whose first key is the import.
    """
    numbered = ({"number": n, "content": text} for n, text in enumerate(pieces))
    while some := [*islice(numbered, AT_ONCE)]:
        of_import = {_owner(kind).key: import_id}
        session.execute(insert(kind), [each | of_import for each in some])
        session.commit()
        take_turns(session)


def pieces_of(session, import_id, tell=None, kind=AnswerImportPiece):
    """The text again, a piece at a time; nothing is held while the caller reads it.

    `tell(done, total)` is called before each.
    """
    mine = _owner(kind) == import_id
    n = session.scalar(select(func.count()).where(mine))
    for number in range(n):
        here = kind.number == number
        piece = session.scalar(select(kind.content).where(mine, here))
        let_go(session)
        if piece is None:  # it was given up
            return
        if tell is not None:
            tell(number, n)
        yield piece


def drop(session, import_id, kind=AnswerImportPiece):
    """Delete the text. Commits as it goes."""
    mine = _owner(kind) == import_id
    numbers = select(kind.number).where(mine).limit(AT_ONCE)
    while some := session.scalars(numbers).all():
        let_go(session)
        session.execute(
            delete(kind).where(mine, kind.number.in_(some)),
            execution_options={"synchronize_session": False},
        )
        session.commit()
        take_turns(session)
    let_go(session)


def _owner(kind):
    """The column of a piece that names its import."""
    return getattr(kind, inspect(kind).primary_key[0].key)
