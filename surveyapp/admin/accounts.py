"""Accounts of staff after they were made: invited again, reset, disabled, given roles.

`actor` is the administrator, or "command line". Each call commits once. What would
shut somebody out for good is refused with InvalidAnswers, in words: nobody disables
or resets themselves, and every place keeps an administrator who can sign in.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from .. import audit
from ..auth import sign_in_links
from ..auth.sessions import end_all
from ..errors import InvalidAnswers, NotFound
from ..models import RoleGrant, SignInLink, StaffSession, StaffUser, Trust
from ..models.staff import (
    ADMINISTRATOR,
    IN_TEAMS,
    LEAD,
    ROLES,
    SEE_SINGLE_ANSWERS,
)

MYSELF = "You cannot do this to your own account: ask another administrator"
ELSEWHERE = (
    "{0.name} has roles in other trusts too: only an administrator of every trust can"
    " do this"
)
LAST = "{0.name} is the last administrator of {1} who can sign in: make another first"
IS_DISABLED = "{0.name} is disabled: enable the account first"
IS_DEMONSTRATION = "{0.name} is of the demonstration and signs in by its links alone"
HAS_SIGNED_IN = "{0.name} has signed in before: reset the account instead"
NO_PASSWORD = "{0.name} has no password and authenticator yet: invite them again"
NO_PLACE = "Choose where the role holds"
HELD = "{0.name} has this role there already"
ONLY_ROLE = (
    "This is the only role of {0.name}: give another first, or disable the account"
)
NOT_IN_TEAMS = "{} is a role of a whole trust: choose the trust, not a team"
KEPT_APART = (
    "{0.name} would lead services of {1} and see single answers too, which is kept"
    " apart. If there is no other way, write why"
)
LONGEST_WHY = 500
EVERYWHERE = "every trust"
BY_COMMAND = "command line"


def find(session, email):
    """The account with this address; NotFound where there is none."""
    email = email.strip().lower()
    user = session.scalar(select(StaffUser).where(StaffUser.has_address(email)))
    if user is None:
        raise NotFound(f"nobody has the address {email}")
    return user


def reset(session, user, *, actor, now):
    """Take password and second factor away, end all sessions; a new one-time link."""
    _allow(user, actor)
    user.forget_sign_in()
    return _let_in_anew(session, user, "staff.reset", actor=actor, now=now)


def reset_password(session, user, *, actor, now):
    """Take the password away alone: the new link still asks for the authenticator."""
    _allow(user, actor)
    if user.password is None or user.tf_totp_secret is None:
        raise InvalidAnswers({"account": NO_PASSWORD.format(user)})
    user.password = None
    return _let_in_anew(session, user, "staff.password_reset", actor=actor, now=now)


def reset_factor(session, user, *, actor, now):
    """Take the second factor away alone, as after a lost phone; a new one-time link.

    The password stays, and opens nothing until the link has set up another factor.
    """
    _allow(user, actor)
    if user.password is None or user.tf_totp_secret is None:
        raise InvalidAnswers({"account": NO_PASSWORD.format(user)})
    user.forget_second_factor()
    return _let_in_anew(session, user, "staff.factor_reset", actor=actor, now=now)


def invite_again(session, user, *, actor, now):
    """A new one-time link for somebody who has never signed in; older ones close."""
    _allow(user, actor)
    if user.has_signed_in:
        raise InvalidAnswers({"account": HAS_SIGNED_IN.format(user)})
    return _let_in_anew(session, user, "staff.invited_again", actor=actor, now=now)


def _let_in_anew(session, user, action, *, actor, now):
    if user.is_demonstration:
        raise InvalidAnswers({"account": IS_DEMONSTRATION.format(user)})
    if not user.active:
        raise InvalidAnswers({"account": IS_DISABLED.format(user)})
    _end_sessions(session, user, now=now)
    sign_in_links.close(session, user, now=now)
    token = sign_in_links.make(session, user, now=now)
    audit.record(session, actor=actor, action=action, subject=user)
    session.commit()
    return token


def set_active(session, user, active, *, actor, now):
    """Disable a member of staff, whose sessions and links end at once, or enable."""
    _allow(user, actor)
    if not active:
        keep_administrators(session, user)
        _end_sessions(session, user, now=now)
        sign_in_links.close(session, user, now=now)
    user.active = active
    action = "staff.enabled" if active else "staff.disabled"
    audit.record(session, actor=actor, action=action, subject=user)
    session.commit()


def grant(session, user, role, places, *, actor, why=""):
    """Give a role in places, each (trust, team or None); (None, None) is every trust.

    Raises InvalidAnswers, and gives none, where one of them cannot be; and where
    somebody would lead services of a trust and see its single answers, without `why`.
    """
    problem = unfit(role, places, actor)
    if problem:
        raise InvalidAnswers({field_of(problem): problem})
    held = {(g.role, g.trust_id, g.team_id) for g in user.grants}
    if any((role, t and t.id, team and team.id) in held for t, team in places):
        raise InvalidAnswers({"role": HELD.format(user)})
    both = _both_sides(user, role, [trust for trust, _ in places])
    if both and not why.strip():
        raise InvalidAnswers({"why": KEPT_APART.format(user, both.name)})
    reason = why.strip()[:LONGEST_WHY] if both else None
    for trust, team in places:
        user.grants.append(RoleGrant(role=role, trust=trust, team=team, why=reason))
    session.flush()
    told = {"role": role, "n": len(places)} | ({"apart": False} if both else {})
    audit.record(session, actor=actor, action="staff.role_given", subject=user, **told)
    session.commit()


def _both_sides(user, role, trusts):
    """A trust of which somebody would lead services and see single answers; or None."""
    others = {LEAD: SEE_SINGLE_ANSWERS}.get(role)
    others = others or ((LEAD,) if role in SEE_SINGLE_ANSWERS else ())
    there = user.trust_ids(*others)
    return next((trust for trust in trusts if trust and trust.id in there), None)


def field_of(problem):
    """The field beside which a page says why a role cannot be given."""
    return "place" if problem == NO_PLACE else "role"


def unfit(role, places, actor):
    """Why a role cannot be given in these places, or None."""
    if role not in ROLES:
        return "Choose a role"
    if not places:
        return NO_PLACE
    return next((why for p in places if (why := _unfit(role, *p, actor))), None)


def _unfit(role, trust, team, actor):
    if team is not None and role not in IN_TEAMS:
        return NOT_IN_TEAMS.format(role.capitalize())
    if trust is None and role != ADMINISTRATOR:
        return "Choose a trust"
    if trust is None and actor != BY_COMMAND and None not in actor.administers:
        return "Choose a trust"
    return None


def take_role(session, user, grant_id, *, actor):
    """Take a role away again; NotFound where the person has none of this number."""
    taken = next((g for g in user.grants if g.id == grant_id), None)
    if taken is None:
        raise NotFound()
    rest = [g for g in user.grants if g is not taken]
    if not rest:
        raise InvalidAnswers({"account": ONLY_ROLE.format(user)})
    if taken.role == ADMINISTRATOR:
        if actor is user:
            raise InvalidAnswers({"account": MYSELF})
        still = {g.trust_id for g in rest if g.role == ADMINISTRATOR}
        keep_administrators(session, user, still)
    # The event belongs to the place of the role, so it comes before the change.
    audit.record(
        session, actor=actor, action="staff.role_taken", subject=user, role=taken.role
    )
    user.grants.remove(taken)
    session.commit()


@dataclass(frozen=True)
class Standing:
    """How things stand with an account: when it was last used, and how it signs in."""

    signed_in_at: datetime | None
    seen_at: datetime | None
    n_sessions: int
    link_until: datetime | None


def standing_of(session, user):
    """When somebody signed in, where they are signed in, and whether a link waits."""
    mine = StaffSession.staff_user_id == user.id
    last = select(func.max(StaffSession.created_at), func.max(StaffSession.seen_at))
    unused = SignInLink.staff_user_id == user.id, SignInLink.used_at.is_(None)
    return Standing(
        *session.execute(last.where(mine)).one(),
        session.scalar(
            select(func.count()).where(mine, StaffSession.ended_at.is_(None))
        ),
        session.scalar(select(func.max(SignInLink.expires_at)).where(*unused)),
    )


def _end_sessions(session, user, *, now):
    end_all(session, user, now=now)
    user.fs_uniquifier = secrets.token_hex(32)


def _allow(user, actor):
    """Refuse what an administrator does to themselves, or beyond their trusts."""
    if actor is user:
        raise InvalidAnswers({"account": MYSELF})
    if not (actor == BY_COMMAND or actor.looks_after(user)):
        raise InvalidAnswers({"account": ELSEWHERE.format(user)})


def keep_administrators(session, user, still=()):
    """Refuse what leaves a place without an administrator who can sign in.

    `still` are the places that the person goes on looking after; None is every
    trust. Of two administrators who disable each other at once, one is refused.
    """
    lost = user.administers - set(still)
    if not lost or not user.can_sign_in:
        return
    rest = {
        place
        for other in _administrators(session)
        if other.id != user.id and other.is_demonstration == user.is_demonstration
        for place in other.administers
    }
    alone = set() if None in rest else lost - rest
    if alone:
        place = next(iter(alone))
        name = EVERYWHERE if place is None else session.get(Trust, place).name
        raise InvalidAnswers({"account": LAST.format(user, name)})


def _administrators(session):
    """Administrators who can sign in; the rows are held until the commit."""
    granted = RoleGrant.role == ADMINISTRATOR
    session.scalars(select(RoleGrant).where(granted).with_for_update()).all()
    who = select(StaffUser).where(StaffUser.grants.any(granted)).with_for_update()
    found = session.scalars(who.execution_options(populate_existing=True))
    return [user for user in found if user.can_sign_in]
