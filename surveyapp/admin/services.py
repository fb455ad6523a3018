"""Trusts, teams and staff, as an administrator looks after them."""

import re
import secrets

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from .. import audit
from ..auth import sign_in_links
from ..errors import InvalidAnswers
from ..models import RoleGrant, StaffUser, Team, Trust
from ..models.staff import ADMINISTRATOR, COORDINATOR
from .accounts import field_of, unfit
from .places import TAKEN, TRUST_TAKEN, keep, name_and_code

ADDRESS_TAKEN = "Someone with this email address is there already"
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def create_staff(session, *, email, name, role, places, actor, now):
    """A new member of staff without a password, and the token that lets them in once.

    `places` are where the role holds, each (trust, team or None); (None, None) is
    every trust.

    Commits. Raises InvalidAnswers where the address is wrong or taken.
    """
    email = email.strip().lower()
    problems = {}
    if not ADDRESS.fullmatch(email) or len(email) > 254:
        problems["email"] = "Enter an email address, like name@example.nhs.uk"
    if not name.strip():
        problems["name"] = "Enter a name"
    if problem := unfit(role, places, actor):
        problems[field_of(problem)] = problem
    if problems:
        raise InvalidAnswers(problems)
    user = StaffUser(
        email=email,
        name=name.strip()[:200],
        fs_uniquifier=secrets.token_hex(32),
        grants=[RoleGrant(role=role, trust=t, team=team) for t, team in places],
    )
    if session.scalar(select(StaffUser.id).where(StaffUser.has_address(email))):
        raise InvalidAnswers({"email": ADDRESS_TAKEN})
    session.add(user)
    try:
        session.flush()
    except IntegrityError:  # of two who add it at once
        session.rollback()
        raise InvalidAnswers({"email": ADDRESS_TAKEN}) from None
    token = sign_in_links.make(session, user, now=now)
    audit.record(session, actor=actor, action="staff.created", subject=user, role=role)
    session.commit()
    return user, token


def create_administrator(session, *, trust_name=None, **who):
    """An administrator of everything, and a first trust if it has a name; or neither.

    Commits. Raises InvalidAnswers as `create_staff` does, and where the name is empty.
    """
    try:
        if trust_name is not None:
            make_trust(session, trust_name, actor=who["actor"])
        return create_staff(session, role=ADMINISTRATOR, places=[(None, None)], **who)
    except Exception:
        session.rollback()
        raise


def make_trust(session, name, code="", *, actor):
    """A new trust; the caller commits. InvalidAnswers where name or code do not fit."""
    name, code = name_and_code(name, code, "Enter the trust's name")
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48]
    trust = Trust(name=name, code=code, slug=f"{slug}-{secrets.token_hex(3)}")
    session.add(trust)
    keep(session, {"code": TRUST_TAKEN})
    audit.record(session, actor=actor, action="trust.created", subject=trust)
    return trust


def add_team(session, trust, *, name, code="", actor):
    """A new team of a trust. Commits. InvalidAnswers where name or code do not fit."""
    name, code = name_and_code(name, code, "Enter the team's name")
    team = Team(trust=trust, name=name, code=code)
    session.add(team)
    keep(session, {"name": TAKEN})
    audit.record(session, actor=actor, action="team.created", subject=team)
    session.commit()
    return team


def staff_of(session, trust_ids):
    """Staff with a role in one of the trusts."""
    there = StaffUser.grants.any(RoleGrant.trust_id.in_(trust_ids))
    query = select(StaffUser).where(there).order_by(StaffUser.name)
    return session.scalars(query).all()


def coordinated(session, trust_ids):
    """Those of these trusts in which somebody who may sign in runs campaigns."""
    theirs = select(RoleGrant.trust_id).join(StaffUser, RoleGrant.staff_user)
    return {
        *session.scalars(
            theirs.where(RoleGrant.role == COORDINATOR, StaffUser.active).where(
                RoleGrant.trust_id.in_(trust_ids)
            )
        )
    }


def administrators_of_all(session):
    """Administrators who look after every trust."""
    of_all = (RoleGrant.role == ADMINISTRATOR) & RoleGrant.trust_id.is_(None)
    query = select(StaffUser).where(StaffUser.grants.any(of_all))
    return session.scalars(query.order_by(StaffUser.name)).all()


def reach(session, user, *roles):
    """The trusts in which somebody holds one of the roles: some, or every one."""
    grants = [g for g in user.grants if g.role in roles]
    if any(grant.trust_id is None for grant in grants):
        return set(session.scalars(select(Trust.id)))
    return {grant.trust_id for grant in grants}
