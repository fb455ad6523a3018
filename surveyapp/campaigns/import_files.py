"""The text of a file that is to be brought in: kept in pieces, read in pieces, deleted.

Each piece is encrypted, and written, read or deleted in a moment, so that nobody's
answer waits for a whole file.
"""

from itertools import islice

from sqlalchemy import delete, func, insert, select

from ..database import let_go, take_turns
from ..models import AnswerImportPiece

AT_ONCE = 8  # pieces in one transaction: half a megabyte


def keep(session, import_id, pieces):
    """Write a text that comes in pieces, none of them empty. Commits as it goes."""
    numbered = ({"number": n, "content": text} for n, text in enumerate(pieces))
    while some := [*islice(numbered, AT_ONCE)]:
        of_import = {"answer_import_id": import_id}
        session.execute(insert(AnswerImportPiece), [each | of_import for each in some])
        session.commit()
        take_turns(session)


def pieces_of(session, import_id, tell=None):
    """The text again, a piece at a time; nothing is held while the caller reads it.

    `tell(done, total)` is called before each.
    """
    mine = AnswerImportPiece.answer_import_id == import_id
    n = session.scalar(select(func.count()).where(mine))
    for number in range(n):
        here = AnswerImportPiece.number == number
        piece = session.scalar(select(AnswerImportPiece.content).where(mine, here))
        let_go(session)
        if piece is None:  # it was given up
            return
        if tell is not None:
            tell(number, n)
        yield piece


def drop(session, import_id):
    """Delete the text. Commits as it goes."""
    mine = AnswerImportPiece.answer_import_id == import_id
    numbers = select(AnswerImportPiece.number).where(mine).limit(AT_ONCE)
    while some := session.scalars(numbers).all():
        let_go(session)
        session.execute(
            delete(AnswerImportPiece).where(mine, AnswerImportPiece.number.in_(some)),
            execution_options={"synchronize_session": False},
        )
        session.commit()
        take_turns(session)
    let_go(session)
