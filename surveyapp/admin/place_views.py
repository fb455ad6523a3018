"""Pages of one trust and one team: named, coded, merged, closed, opened again."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie

from .. import second_look
from ..database import utc_now
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..models import Team
from ..sent_once import makes_once
from . import places, reach, services

bp = Blueprint("places", __name__, url_prefix="/admin")
bp.before_request(reach.enter)


@bp.get("/trusts/new")
def new_trust(problems=None):
    """A form for another trust."""
    _looks_after_all()
    form = {"heading": "Make a trust", "button_text": "Make this trust"}
    return _form(form, url_for("admin.index"), "Administration", problems)


@bp.post("/trusts/new")
@makes_once
def make_trust():
    """Make a trust, and go to its page."""
    _looks_after_all()
    try:
        trust = services.make_trust(
            db.session,
            request.form.get("name", ""),
            request.form.get("code", ""),
            actor=reach.me(),
        )
        db.session.commit()
    except InvalidAnswers as problem:
        return new_trust(problem.problems), 422
    return _to_trust(trust, f"{trust.name} is made. Add a team and staff.")


@bp.get("/trusts/<int:trust_id>")
def trust(trust_id, problems=None):
    """One trust: its teams, its staff, and what can be done."""
    found = reach.trust(trust_id)
    return render_template(
        "admin/trust.html",
        trust=found,
        staff=services.staff_of(db.session, [found.id]),
        everywhere=None in reach.me().administers,
        said=cookie.pop("said", None),
        problems=problems or {},
    )


@bp.get("/trusts/<int:trust_id>/change")
def trust_form(trust_id, problems=None):
    """A form for the name and the code of a trust."""
    found = reach.trust(trust_id)
    form = {
        "heading": f"Change {found.name}",
        "button_text": "Keep this",
        "held": found,
    }
    return _form(form, _trust_page(found), found.name, problems)


@bp.post("/trusts/<int:trust_id>/change")
def change_trust(trust_id):
    """Give a trust another name or code."""
    found = reach.trust(trust_id)
    try:
        places.change_trust(db.session, found, **_typed(), actor=reach.me())
    except InvalidAnswers as problem:
        return trust_form(trust_id, problem.problems), 422
    return _to_trust(found, f"The trust is called {found.name} now.")


@bp.get("/trusts/<int:trust_id>/close")
def confirm_close_trust(trust_id):
    """Say what closing a trust does, before it does."""
    _looks_after_all()
    found = reach.trust(trust_id)
    return second_look.ask(
        f"Close {found.name}?",
        [
            "No campaign can be made in it.",
            "Its staff go on reading what is there, and figures stay.",
            "It can be opened again.",
        ],
        "Close this trust",
        there=url_for(".close_trust", trust_id=found.id),
        back=(_trust_page(found), found.name),
        trust=found,
    )


@bp.post("/trusts/<int:trust_id>/close")
def close_trust(trust_id):
    """Close a trust whose campaigns are closed."""
    _looks_after_all()
    found = reach.trust(trust_id)
    try:
        places.close_trust(db.session, found, actor=reach.me(), now=utc_now())
    except InvalidAnswers as problem:
        return trust(trust_id, problem.problems), 422
    return _to_trust(found, f"{found.name} is closed.")


@bp.post("/trusts/<int:trust_id>/reopen")
def reopen_trust(trust_id):
    """Open a trust again."""
    _looks_after_all()
    found = reach.trust(trust_id)
    places.reopen_trust(db.session, found, actor=reach.me())
    return _to_trust(found, f"{found.name} is open again.")


@bp.get("/trusts/<int:trust_id>/teams")
def new_team(trust_id, problems=None):
    """A form for another team of a trust."""
    found = reach.trust(trust_id)
    form = {"heading": f"Add a team to {found.name}", "button_text": "Add team"}
    return _form(form, _trust_page(found), found.name, problems)


@bp.post("/trusts/<int:trust_id>/teams")
@makes_once
def add_team(trust_id):
    """Add a team to a trust."""
    found = reach.trust(trust_id)
    try:
        team = services.add_team(db.session, found, **_typed(), actor=reach.me())
    except InvalidAnswers as problem:
        return new_team(trust_id, problem.problems), 422
    return _to_trust(found, f"{team.name} is added.")


@bp.get("/teams/<int:team_id>")
def team(team_id, problems=None):
    """One team: its name and code, and what can be done about it."""
    found = _team(team_id)
    form = {"heading": found.name, "button_text": "Keep this"}
    form |= {"held": found, "team": found}
    return _form(form, _trust_page(found.trust), found.trust.name, problems)


@bp.post("/teams/<int:team_id>")
def change_team(team_id):
    """Give a team another name or code."""
    found = _team(team_id)
    try:
        places.change_team(db.session, found, **_typed(), actor=reach.me())
    except InvalidAnswers as problem:
        return team(team_id, problem.problems), 422
    return _to_trust(found.trust, f"The team is called {found.name} now.")


@bp.get("/teams/<int:team_id>/close")
def confirm_close_team(team_id):
    """Say what closing a team does, before it does."""
    found = _team(team_id)
    return second_look.ask(
        f"Close {found.name}?",
        [
            "New campaigns do not ask about it. Links that people hold go on working.",
            "Who waits to be let out joins the team's last group at night, or the"
            " trust's pool. That part cannot be undone.",
            "Its past figures stay, and it can be opened again.",
        ],
        "Close this team",
        there=url_for(".close_team", team_id=found.id),
        back=(url_for(".team", team_id=found.id), found.name),
        trust=found.trust,
    )


@bp.post("/teams/<int:team_id>/close")
def close_team(team_id):
    """Close a team."""
    found = _team(team_id)
    places.close_team(db.session, found, actor=reach.me())
    return _to_trust(found.trust, f"{found.name} is closed.")


@bp.post("/teams/<int:team_id>/reopen")
def reopen_team(team_id):
    """Open a team again that was closed."""
    found = _team(team_id)
    try:
        places.reopen_team(db.session, found, actor=reach.me())
    except InvalidAnswers as problem:
        return team(team_id, problem.problems), 422
    return _to_trust(found.trust, f"{found.name} is open again.")


@bp.get("/teams/<int:team_id>/merge")
def choose_merge(team_id, problems=None):
    """Choose the team that this one goes on as; what that does is said first."""
    found = _team(team_id)
    return render_template(
        "admin/merge.html",
        team=found,
        others=places.can_go_on_as(found),
        problems=problems or {},
    )


@bp.post("/teams/<int:team_id>/merge")
def merge(team_id):
    """Let a team go on as another; whoever sends this has said that they mean it."""
    found = _team(team_id)
    into = db.session.get(Team, request.form.get("into", 0, type=int))
    try:
        if "sure" not in request.form:
            raise InvalidAnswers({"sure": "Say that you mean it: it cannot be undone"})
        places.merge_team(db.session, found, into, actor=reach.me())
    except InvalidAnswers as problem:
        return choose_merge(team_id, problem.problems), 422
    return _to_trust(found.trust, f"{found.name} goes on as {into.name}.")


def _team(team_id):
    found = db.session.get(Team, team_id)
    if found is None:
        raise NotFound()
    reach.trust(found.trust_id)
    return found


def _looks_after_all():
    """Only an administrator of every trust makes, closes and opens trusts."""
    if None not in reach.me().administers:
        raise NotFound()


def _typed():
    return {name: request.form.get(name, "") for name in ("name", "code")}


def _form(form, back, back_to, problems):
    return render_template(
        "admin/place.html",
        **{"held": None, "team": None, **form},
        back=back,
        back_to=back_to,
        problems=problems or {},
        typed=request.form,
    )


def _trust_page(found):
    return url_for(".trust", trust_id=found.id)


def _to_trust(found, said):
    cookie["said"] = said
    return redirect(_trust_page(found), 303)
