"""Which people of a list are known already, or look like others."""

from dataclasses import dataclass

from sqlalchemy import select

from ..many_values import among
from ..models import ContactKey
from .blind_indexes import EXACT, LOOKS, NAMED, NAMED_PLACES


@dataclass(frozen=True)
class Match:
    """Somebody who shares a key of a kind: the same person, or perhaps."""

    owner: object
    kind: str

    @property
    def is_same(self):
        return self.kind in EXACT

    @property
    def has_name(self):
        return self.kind in NAMED

    def is_taken(self, named_too):
        """Whether this is the same person, for who said so of equal names as well."""
        return self.is_same or (named_too and self.has_name)


class Matches:
    """Contacts that share keys with some people of a list.

    A key is of one trust, so they are of the people's trust. Without a session it
    begins with nobody.
    """

    def __init__(self, session=None, people=()):
        self._owners, self._nhs, self._births = {}, {}, {}
        wanted = {d for person in people for d in person.keys.values()}
        if not wanted:
            return
        rows = session.execute(
            select(ContactKey.digest, ContactKey.contact_id)
            .where(among(session, ContactKey.digest, wanted))
            .where(ContactKey.is_about.is_(False))
            .order_by(ContactKey.contact_id)
        ).all()
        for digest, contact_id in rows:
            self._add(digest, contact_id)
        owners = {contact_id for _, contact_id in rows}
        if not owners:
            return
        apart = select(ContactKey.contact_id, ContactKey.kind, ContactKey.digest).where(
            among(session, ContactKey.contact_id, owners),
            ContactKey.kind.in_(("nhs", "name_birth")),
            ContactKey.is_about.is_(False),
        )
        for contact_id, kind, digest in session.execute(apart):
            (self._nhs if kind == "nhs" else self._births)[contact_id] = digest

    def same_as(self, people, named_too=False):
        """Numbers of the contacts who are, or are taken for, some of these people."""
        found = (self.of(person) for person in people)
        return {m.owner for m in found if m is not None and m.is_taken(named_too)}

    def add(self, person, owner):
        """Let those who follow in the file be held against this person too."""
        for digest in person.keys.values():
            self._add(digest, owner)
        for kind, held in (("nhs", self._nhs), ("name_birth", self._births)):
            if kind in person.keys:
                held[owner] = person.keys[kind]

    def of(self, person):
        """Whom a person is, else whom they look like; None where nobody.

        Two different NHS numbers are two people, however alike they look; so are
        father and son of one name and telephone, whose dates of birth differ.
        """
        mine = person.keys.get("nhs"), person.keys.get("name_birth")
        for kind in (*EXACT, *LOOKS):
            for owner in self._owned_by(person.keys.get(kind)):
                theirs = self._nhs.get(owner), self._births.get(owner)
                differs = [*map(_differ, mine, theirs)]
                if not (differs[0] or (kind in NAMED_PLACES and differs[1])):
                    return Match(owner, kind)
        return None

    def _add(self, digest, owner):
        """Most have one owner, who stands for itself: a long list stays small."""
        held = self._owners.setdefault(digest, owner)
        if isinstance(held, dict):
            held[owner] = True
        elif held != owner:
            self._owners[digest] = {held: True, owner: True}

    def _owned_by(self, digest):
        held = self._owners.get(digest)
        if isinstance(held, dict):
            return held
        return () if held is None else (held,)


def _differ(one, other):
    return bool(one and other and one != other)
