"""Links that sign one person in, once."""

from datetime import timedelta

from sqlalchemy import select, update

from ..errors import LinkNotValid
from ..links import new_token, token_hash
from ..models import SignInLink

GOOD_FOR = timedelta(hours=24)


def make(session, user, *, now, good_for=GOOD_FOR):
    """The token of a new link; only its hash is stored. The caller commits."""
    token = new_token()
    session.add(
        SignInLink(
            staff_user=user, token_hash=token_hash(token), expires_at=now + good_for
        )
    )
    session.flush()
    return token


def close(session, user, *, now):
    """Let no older link of a person's work any more. The caller commits."""
    unused = SignInLink.staff_user_id == user.id, SignInLink.used_at.is_(None)
    session.execute(update(SignInLink).where(*unused).values(used_at=now))


def find(session, token, *, now):
    """The link, still good; LinkNotValid otherwise. Uses nothing up."""
    link = session.scalar(
        select(SignInLink).where(SignInLink.token_hash == token_hash(token))
    )
    good = link and link.used_at is None and now < link.expires_at
    if not good or not link.staff_user.active:
        raise LinkNotValid()
    return link


def use(session, token, *, now):
    """The person whom the link signs in. Of two at once, one finds it used."""
    link = find(session, token, now=now)
    taken = session.execute(
        update(SignInLink)
        .where(SignInLink.id == link.id, SignInLink.used_at.is_(None))
        .values(used_at=now)
    )
    if taken.rowcount != 1:
        session.rollback()
        raise LinkNotValid()
    session.commit()
    return link.staff_user
