"""Whose list is being taken back: nothing goes to them until that is over.

A job takes a list back some people at a time. Who came in with it will be gone, and
who was known before may still have what it said of them, such as another address.
"""

from sqlalchemy import ColumnElement, ScalarSelect, exists, or_, select
from sqlalchemy.orm import Session

from ..models import Contact, ContactChange, ContactImport
from ..models.contact_import import CONTACTS


def is_on_one() -> ColumnElement[bool]:
    """The condition that a list that brought a contact in, or changed it, is going."""
    going = ContactImport.stage == "undoing"
    changed = (
        exists()
        .where(ContactChange.contact_id == Contact.id)
        .where(ContactChange.contact_import_id == ContactImport.id, going)
        .correlate(Contact)
    )
    came = exists().where(ContactImport.id == Contact.contact_import_id, going)
    return or_(came.correlate(Contact), changed)


def begin_after_this(session: Session, trust_id: int | ScalarSelect[int]) -> None:
    """Let no list of a trust begin to be taken back until this transaction has ended.

    Whoever takes one back then sees what was claimed in it, and is refused. Asked for
    before anything else is locked, as by those who take back.
    """
    lists = select(ContactImport.id).where(
        ContactImport.trust_id == trust_id,
        ContactImport.kind == CONTACTS,
        ContactImport.stage == "done",
    )
    session.execute(lists.order_by(ContactImport.id).with_for_update(read=True))
