"""One account of staff: made, invited again, reset, disabled, given other roles."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.datastructures import MultiDict

from ..addresses import address_of
from ..auth import sign_in_links
from ..auth.permissions import DOES
from ..database import utc_now
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Team, Trust
from ..sent_once import makes_once
from . import accounts, reach, services

bp = Blueprint("accounts", __name__, url_prefix="/admin")
bp.before_request(reach.enter)
MADE = "made_link"  # in the administrator's own cookie, until it is shown
EXISTED = "{} had an account before, and has this role there now. No link is needed"


@bp.get("/trusts/<int:trust_id>/staff")
def new(trust_id, problems=None):
    """A form for a new member of a trust's staff."""
    trust = reach.trust(trust_id)
    return render_template(
        "admin/new.html",
        trust=trust,
        places=list(_places_of(trust)),
        does=DOES,
        problems=problems or {},
        typed=request.form or MultiDict({"place": f"trust:{trust.id}"}),
    )


@bp.post("/trusts/<int:trust_id>/staff")
@makes_once
def add(trust_id):
    """Add a member of staff, or a role of somebody who is there; then their page."""
    reach.trust(trust_id)
    asked = {"role": request.form.get("role", "")}
    try:
        asked["places"] = _places_asked_for()
        user = _known(request.form.get("email", ""))
        if user is not None:
            given = {**asked, "actor": reach.me(), "why": request.form.get("why", "")}
            accounts.grant(db.session, user, **given)
            return _to(user, EXISTED.format(user.name))
        user, token = services.create_staff(
            db.session,
            email=request.form.get("email", ""),
            name=request.form.get("name", ""),
            **asked,
            actor=reach.me(),
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        return new(trust_id, problem.problems), 422
    return _to_link(user, token)


def _known(email):
    try:
        return accounts.find(db.session, email)
    except NotFound:
        return None


@bp.get("/staff/<int:user_id>")
def show(user_id, problems=None):
    """Who somebody is, what they may, and what can be done about their account.

    A link that was just made is shown this once: it leaves the cookie.
    """
    user = reach.person(user_id)
    made = cookie.pop(MADE, None) or {}
    token = made.get("token") if made.get("user") == user.id else None
    return render_template(
        "admin/account.html",
        user=user,
        grants=[grant for grant in user.grants if _reached(grant)],
        n_elsewhere=sum(not _reached(grant) for grant in user.grants),
        standing=accounts.standing_of(db.session, user),
        link=address_of("staff.link", token=token) if token else None,
        hours=int(sign_in_links.GOOD_FOR.total_seconds() // 3600),
        said=cookie.pop("said", None),
        problems=problems or {},
        is_me=user is reach.me(),
    )


def _reached(grant):
    return grant.trust_id in g.trust_ids or None in reach.me().administers


def _places():
    """Where a role can be given: value and words, the widest place first."""
    if None in reach.me().administers:
        yield "every", "Every trust (administrators only)"
    trusts = db.session.query(Trust).where(Trust.id.in_(g.trust_ids))
    for trust in trusts.order_by(Trust.name):
        yield from _places_of(trust)


def _places_of(trust):
    yield f"trust:{trust.id}", f"{trust.name}, the whole of it"
    for team in trust.teams:
        if team.merged_into_id is None:
            yield f"team:{team.id}", f"{team.name}, {trust.name}"


@bp.get("/staff/<int:user_id>/<any(reset, password, factor, disable):what>")
def confirm(user_id, what):
    """Say what will happen before it does: none of it can be undone as it was."""
    return render_template("admin/confirm.html", user=reach.person(user_id), what=what)


@bp.post("/staff/<int:user_id>/reset")
@makes_once
def reset(user_id):
    """Clear how somebody signs in, and go to the new link."""
    return _with_link(user_id, accounts.reset)


@bp.post("/staff/<int:user_id>/password")
@makes_once
def password(user_id):
    """Clear a forgotten password, and go to the new link."""
    return _with_link(user_id, accounts.reset_password)


@bp.post("/staff/<int:user_id>/factor")
@makes_once
def factor(user_id):
    """Clear a lost second factor, and go to the new link."""
    return _with_link(user_id, accounts.reset_factor)


@bp.post("/staff/<int:user_id>/invite")
@makes_once
def invite(user_id):
    """Make a new link for somebody who has never signed in."""
    return _with_link(user_id, accounts.invite_again)


@bp.post("/staff/<int:user_id>/disable")
def disable(user_id):
    """Let somebody in no more."""
    return _set_active(user_id, False)


@bp.post("/staff/<int:user_id>/enable")
def enable(user_id):
    """Let somebody in again."""
    return _set_active(user_id, True)


@bp.get("/staff/<int:user_id>/roles")
def roles(user_id, problems=None):
    """A form for one more role, in a trust or in some of its teams."""
    return render_template(
        "admin/roles.html",
        user=reach.person(user_id),
        places=list(_places()),
        does=DOES,
        problems=problems or {},
        typed=request.form,
    )


@bp.post("/staff/<int:user_id>/roles")
@makes_once
def give_role(user_id):
    """Give somebody one more role."""
    user, role = reach.person(user_id), request.form.get("role", "")
    given = {"actor": reach.me(), "why": request.form.get("why", "")}
    try:
        accounts.grant(db.session, user, role, _places_asked_for(), **given)
    except InvalidAnswers as problem:
        return roles(user_id, problem.problems), 422
    return _to(user, f"{user.name} is {role} now.")


@bp.get("/staff/<int:user_id>/roles/<int:grant_id>/take")
def confirm_take(user_id, grant_id):
    """Say what somebody can do no more before a role is taken away."""
    user = reach.person(user_id)
    return render_template(
        "admin/take_role.html", user=user, grant=_grant(user, grant_id), does=DOES
    )


def _grant(user, grant_id):
    """A role of theirs that the administrator reaches; else NotFound."""
    for grant in user.grants:
        if grant.id == grant_id and _reached(grant):
            return grant
    raise NotFound()


@bp.post("/staff/<int:user_id>/roles/<int:grant_id>/take")
def take_role(user_id, grant_id):
    """Take a role away."""
    user = reach.person(user_id)
    _grant(user, grant_id)
    try:
        accounts.take_role(db.session, user, grant_id, actor=reach.me())
    except InvalidAnswers as problem:
        return show(user_id, problem.problems), 422
    if not (None in reach.me().administers or user.places & g.trust_ids):
        return redirect(url_for("admin.index"), 303)
    return _to(user, "The role is taken away.")


def _places_asked_for():
    """The places that the form names; of a trust and a team of it, the trust."""
    found = [_place(value) for value in request.form.getlist("place")]
    whole = {trust for trust, team in found if team is None}
    return [each for each in found if each[1] is None or each[0] not in whole]


def _place(value):
    """Trust and team of a choice; NotFound beyond the administrator's trusts."""
    kind, _, number = value.partition(":")
    if kind == "every":
        return None, None
    if not number.isdecimal():
        raise InvalidAnswers({"place": accounts.NO_PLACE})
    if kind == "trust":
        return reach.trust(int(number)), None
    team = db.session.get(Team, int(number))
    return reach.trust(team.trust_id if team else 0), team


def _with_link(user_id, service):
    user = reach.person(user_id)
    try:
        token = service(db.session, user, actor=reach.me(), now=utc_now())
    except InvalidAnswers as problem:
        return show(user_id, problem.problems), 422
    return _to_link(user, token)


def _set_active(user_id, active):
    user = reach.person(user_id)
    try:
        accounts.set_active(db.session, user, active, actor=reach.me(), now=utc_now())
    except InvalidAnswers as problem:
        return show(user_id, problem.problems), 422
    done = "signs in again" if active else "is disabled and signed out"
    return _to(user, f"{user.name} {done}.")


def _to_link(user, token):
    cookie[MADE] = {"user": user.id, "token": token}
    return redirect(url_for(".show", user_id=user.id), 303)


def _to(user, said):
    cookie["said"] = said
    return redirect(url_for(".show", user_id=user.id), 303)
