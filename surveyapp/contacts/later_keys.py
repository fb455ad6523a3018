"""Blind indexes of kinds that came later, made of what is held of people."""

from sqlalchemy import or_, select

from ..database import take_turns
from ..models import Contact, ContactKey, Trust
from .blind_indexes import NAMED_PLACES, Keys
from .undo import BATCH, with_keys


def add_named_places(session):
    """Let people be known by name and e-mail address or telephone number. Commits.

    Some at a time; who has these keys already is not looked at again.
    """
    for trust_id in session.scalars(select(Trust.id).order_by(Trust.id)).all():
        keys, after = Keys(trust_id), 0
        while some := session.scalars(_without(trust_id, after)).all():
            session.get(Trust, trust_id, with_for_update=True)
            for contact in with_keys(session, some).values():
                _add(contact, keys)
            session.commit()
            session.expunge_all()
            take_turns(session)
            after = some[-1]


def _without(trust_id, after):
    has = ContactKey.kind.in_(NAMED_PLACES) & ContactKey.is_about.is_(False)
    return (
        select(Contact.id)
        .where(Contact.trust_id == trust_id, Contact.id > after)
        .where(or_(Contact.email.is_not(None), Contact.telephone.is_not(None)))
        .where(~Contact.keys.any(has))
        .order_by(Contact.id)
        .limit(BATCH)
    )


def _add(contact, keys):
    found = keys.of(
        name=contact.name,
        telephone=contact.telephone,
        email=contact.email,
        who=contact.perspective or "service_user",
    )
    held = {key.digest for key in contact.keys if not key.is_about}
    contact.keys += [
        ContactKey(digest=digest, kind=kind, is_about=False)
        for kind, digest in found.items()
        if digest not in held
    ]
