"""Accounts of staff: reset, invited again, disabled, given and deprived of roles."""

import html
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.admin import accounts
from surveyapp.auth import sign_in_links
from surveyapp.database import utc_now
from surveyapp.errors import InvalidAnswers
from surveyapp.extensions import db
from surveyapp.models import AuditEvent, RoleGrant, StaffSession, StaffUser

from ..factories import make_staff, make_team, make_trust
from .served import environment, typed
from .signing_in import code_of, enter, sign_in, with_password

pytestmark = pytest.mark.any_database

LINK = re.compile(r"https?://\S+/staff/link/([\w-]{32})")


@pytest.fixture
def here(app, session):
    with app.app_context():
        yield session


def make_administrator(app, session, trust=None, **given):
    """One who can sign in; without a trust, of every one."""
    user = make_staff(session, "administrator", trust or make_trust(session), **given)
    if trust is None:
        user.grants[0].trust = None
    with_password(app, user)
    session.flush()
    return user


def token_on(page):
    return LINK.search(html.unescape(page))[1]


@pytest.mark.one_database
def test_a_lost_phone_is_mended_by_a_reset_from_the_command_line(
    app, config, client, session
):
    user = make_staff(session)
    with_password(app, user)
    enter(client, user)
    before = sign_in_links.make(session, user, now=utc_now())
    session.commit()
    made = typed("staff", "reset", user.email.upper(), env=environment(config))
    assert made.returncode == 0, made.stderr
    assert enter(client, user).status_code == 200  # the password is gone too
    assert client.post(f"/staff/link/{before}").status_code == 404
    client.post(f"/staff/link/{token_on(made.stdout)}")
    page = client.post("/staff/second-factor", data={"setup": "authenticator"}).text
    key = re.search(r"<code>([A-Z2-7 -]+)</code>", page)[1].replace("-", "").strip()
    client.post("/staff/code", data={"code": code_of(key)})
    assert client.get("/staff/").location == "/staff/password"
    event = session.scalars(select(AuditEvent).filter_by(action="staff.reset")).one()
    assert (event.actor, event.subject) == ("command line", f"staff:{user.id}")


def test_a_reset_ends_every_session_and_clears_the_second_factor(app, client, session):
    admin = sign_in(client, session, "administrator")
    user = make_staff(session, trust=admin.grants[0].trust)
    with_password(app, user)
    now = utc_now()
    at_work = StaffSession(
        staff_user=user, secret_hash="s", created_at=now, seen_at=now
    )
    session.add(at_work)
    asked = client.get(f"/admin/staff/{user.id}/reset").text
    assert "cannot be brought back" in asked
    session.refresh(user)
    assert user.password is not None
    shown = client.post(f"/admin/staff/{user.id}/reset", follow_redirects=True).text
    for record in (user, at_work):
        session.refresh(record)
    assert user.password is user.tf_totp_secret is user.tf_primary_method is None
    assert at_work.ended_at is not None
    assert (
        sign_in_links.find(session, token_on(shown), now=utc_now()).staff_user is user
    )
    again = client.get(f"/admin/staff/{user.id}").text
    assert not LINK.search(html.unescape(again))


def test_a_forgotten_password_is_reset_and_the_authenticator_stays(
    app, client, session
):
    admin = sign_in(client, session, "administrator")
    user = make_staff(session, trust=admin.grants[0].trust)
    key = with_password(app, user)
    session.commit()
    address = f"/admin/staff/{user.id}/password"
    assert "authenticator and recovery codes stay" in client.get(address).text
    token = token_on(client.post(address, follow_redirects=True).text)
    client.post("/staff/sign-out")
    assert enter(client, user).status_code == 200  # the old one is gone
    client.post(f"/staff/link/{token}")
    assert client.get("/campaigns/").status_code == 303
    client.post("/staff/code", data={"code": code_of(key)})
    assert client.get("/staff/").location == "/staff/password"
    newcomer = make_staff(session, trust=admin.grants[0].trust)
    with app.app_context(), pytest.raises(InvalidAnswers, match="invite them"):
        who = {"actor": "command line", "now": utc_now()}
        accounts.reset_password(session, newcomer, **who)


def test_a_lost_second_factor_is_reset_alone_and_the_password_waits_for_another(
    app, client, session
):
    admin = sign_in(client, session, "administrator")
    user = make_staff(session, trust=admin.grants[0].trust)
    with_password(app, user)
    session.commit()
    address = f"/admin/staff/{user.id}/factor"
    assert "the password stays" in client.get(address).text
    token = token_on(client.post(address, follow_redirects=True).text)
    client.post("/staff/sign-out")
    # Who knows the password alone could set up an authenticator of their own.
    assert enter(client, user).status_code == 200
    client.post(f"/staff/link/{token}")
    page = client.post("/staff/second-factor", data={"setup": "authenticator"}).text
    key = re.search(r"<code>([A-Z2-7 -]+)</code>", page)[1].replace("-", "").strip()
    client.post("/staff/code", data={"code": code_of(key)})
    client.post("/staff/sign-out")
    assert "/staff/code?" in enter(client, user).location


def test_a_role_is_taken_away_after_a_second_look(client, session):
    admin = sign_in(client, session, "administrator")
    trust = admin.grants[0].trust
    user = make_staff(session, trust=trust)
    user.grants.append(RoleGrant(role="keyer", trust=trust))
    session.commit()
    address = f"/admin/staff/{user.id}/roles/{user.grants[1].id}/take"
    assert address in client.get(f"/admin/staff/{user.id}").text
    asked = client.get(address).text
    assert "keyed and looked at" in asked and "Leave it as it is" in asked
    session.refresh(user)
    assert user.role_names == ["coordinator", "keyer"]
    client.post(address)
    session.refresh(user)
    assert user.role_names == ["coordinator"]


def test_an_administrator_sees_what_a_new_trust_still_lacks(client, session):
    admin = sign_in(client, session, "administrator")
    trust = admin.grants[0].trust
    session.commit()
    page = client.get("/admin/").text
    assert "None yet" in page and "No coordinator" in page
    make_team(session, trust)
    make_staff(session, trust=trust)
    session.commit()
    session.expire_all()
    page = client.get("/admin/").text
    assert "None yet" not in page and "No coordinator" not in page


def test_nobody_disables_resets_or_demotes_themselves(app, client, session):
    admin = sign_in(client, session, "administrator")
    grant = admin.grants[0]
    make_administrator(app, session, grant.trust, is_demonstration=True)
    page = f"/admin/staff/{admin.id}"
    for action in ("disable", "reset", f"roles/{grant.id}/take"):
        answer = client.post(f"{page}/{action}")
        assert answer.status_code == 422
        session.refresh(admin)
        assert admin.active and admin.administers == {grant.trust_id}
    assert "your own account" in client.post(f"{page}/disable").text


def last_of_a_trust(app, session):
    return make_administrator(app, session, make_trust(session, "Southvale"))


def last_of_all(app, session):
    make_administrator(app, session, make_trust(session))
    return make_administrator(app, session)


@pytest.mark.parametrize("last", [last_of_a_trust, last_of_all])
@pytest.mark.parametrize("way", ["disable", "demote"])
def test_the_last_administrator_of_a_place_stays(app, here, last, way):
    user = last(app, here)
    accounts.grant(here, user, "lead", [(make_trust(here), None)], actor="command line")
    make_administrator(app, here, make_trust(here, "Elsewhere"))
    invited = make_staff(here, "administrator", user.grants[0].trust)
    if user.grants[0].trust is None:
        invited.grants[0].trust = None
    here.commit()

    def lose():
        if way == "disable":
            return accounts.set_active(
                here, user, False, actor="command line", now=utc_now()
            )
        grant = next(g for g in user.grants if g.role == "administrator")
        return accounts.take_role(here, user, grant.id, actor="command line")

    with pytest.raises(InvalidAnswers, match="last administrator of (South|every)"):
        lose()
    here.rollback()
    with_password(app, invited)  # now there is another who can sign in
    here.commit()
    lose()
    assert not user.active or not user.administers


def test_whose_second_factor_was_reset_is_no_administrator_who_can_sign_in(app, here):
    trust, now = make_trust(here), utc_now()
    one, other = (make_administrator(app, here, trust) for _ in range(2))
    accounts.reset_factor(here, other, actor=one, now=now)
    assert other.password is not None and other.standing == "invited"
    with pytest.raises(InvalidAnswers, match="last administrator"):
        accounts.set_active(here, one, False, actor="command line", now=now)


@pytest.mark.both_databases
def test_of_two_administrators_who_disable_each_other_at_once_one_stays(app, session):
    trust = make_trust(session)
    both = [make_administrator(app, session, trust).id for _ in range(2)]
    session.commit()

    def disable(ids):
        mine, other = ids
        with app.app_context(), Session(db.engine) as own:
            actor, user = own.get(StaffUser, mine), own.get(StaffUser, other)
            try:
                accounts.set_active(own, user, False, actor=actor, now=utc_now())
            except InvalidAnswers:
                own.rollback()

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(disable, [both, both[::-1]]))
    session.expire_all()
    assert sorted(session.get(StaffUser, n).active for n in both) == [False, True]


@pytest.mark.parametrize("action", ["reset", "disable", "invite"])
def test_an_administrator_does_nothing_to_who_has_roles_beyond_their_trusts(
    app, client, session, action
):
    admin = sign_in(client, session, "administrator")
    user = make_staff(session, trust=admin.grants[0].trust)
    user.grants.append(RoleGrant(role="lead", trust=make_trust(session, "Southvale")))
    answer = client.post(f"/admin/staff/{user.id}/{action}")
    assert answer.status_code == 422 and "other trusts" in answer.text
    session.refresh(user)
    assert user.active
    assert "Southvale" not in client.get(f"/admin/staff/{user.id}").text


def test_who_never_came_is_invited_again_and_the_older_link_closes(client, session):
    admin = sign_in(client, session, "administrator")
    trust_id = admin.grants[0].trust_id
    form = {"email": "new@example.org", "name": "New", "role": "lead"}
    form["place"] = f"trust:{trust_id}"
    address = f"/admin/trusts/{trust_id}/staff"
    first = client.post(address, data=form, follow_redirects=True)
    here = first.request.path
    second = client.post(f"{here}/invite", follow_redirects=True)
    tokens = [token_on(page.text) for page in (first, second)]
    statuses = [client.get(f"/staff/link/{token}").status_code for token in tokens]
    assert statuses == [404, 200]


def test_who_has_signed_in_is_reset_and_not_invited(app, here):
    user = make_staff(here)
    with_password(app, user)
    with pytest.raises(InvalidAnswers, match="reset the account"):
        accounts.invite_again(here, user, actor="command line", now=utc_now())


def test_somebody_who_is_there_gets_one_more_role_and_no_link(client, session):
    admin = sign_in(client, session, "administrator")
    trust = admin.grants[0].trust
    other = make_staff(session, trust=make_trust(session, "Southvale"))
    form = {"email": other.email, "name": "x", "role": "researcher"}
    form["place"] = f"trust:{trust.id}"
    page = client.post(
        f"/admin/trusts/{trust.id}/staff", data=form, follow_redirects=True
    ).text
    assert "had an account before" in page and not LINK.search(html.unescape(page))
    session.refresh(other)
    assert {(g.role, g.trust_id) for g in other.grants} >= {("researcher", trust.id)}


def test_roles_are_given_and_taken_on_the_page_at_once(client, session):
    admin = sign_in(client, session, "administrator")
    team = make_team(session, admin.grants[0].trust)
    other = make_team(session, team.trust, "Moorside")
    user = make_staff(session, "auditor", trust=team.trust)
    page = f"/admin/staff/{user.id}"
    form = {"role": "lead", "place": [f"team:{each.id}" for each in (team, other)]}
    client.post(f"{page}/roles", data=form)
    session.refresh(user)
    assert {(g.role, g.team_id) for g in user.grants} == {
        ("auditor", None),
        ("lead", team.id),
        ("lead", other.id),
    }
    for number in [user.grants[0].id, user.grants[1].id]:
        client.post(f"{page}/roles/{number}/take")
    session.refresh(user)
    assert user.role_names == ["lead"]
    only = client.post(f"{page}/roles/{user.grants[0].id}/take")
    assert only.status_code == 422 and "the only role" in only.text
    actions = set(session.scalars(select(AuditEvent.action)))
    assert {"staff.role_given", "staff.role_taken"} <= actions


@pytest.mark.parametrize(
    "role, place, said",
    [
        ("auditor", "team", "Auditor is a role of a whole trust"),
        ("owner", "trust", "Choose a role"),
        ("lead", "", "Choose where"),
        ("coordinator", "trust", "has this role there already"),
        ("administrator", "every", "Choose a trust"),
    ],
)
def test_a_role_that_does_not_fit_is_refused_in_words(
    client, session, role, place, said
):
    admin = sign_in(client, session, "administrator")
    team = make_team(session, admin.grants[0].trust)
    user = make_staff(session, trust=team.trust)
    session.commit()
    where = {"team": f"team:{team.id}", "trust": f"trust:{team.trust_id}"}
    form = {"role": role, "place": where.get(place, place)}
    answer = client.post(f"/admin/staff/{user.id}/roles", data=form)
    assert answer.status_code == 422 and said in html.unescape(answer.text)
    assert ('id="place-error"' in answer.text) is (said == "Choose where")


@pytest.mark.parametrize("role", ["coordinator", "keyer", "researcher"])
def test_nobody_leads_and_sees_single_answers_of_a_trust_without_a_reason(
    client, session, role
):
    admin = sign_in(client, session, "administrator")
    team = make_team(session, admin.grants[0].trust)
    elsewhere = make_trust(session, "Southvale")
    for held, asked in ((role, "lead"), ("lead", role)):
        user = make_staff(session, held, team.trust)
        address = f"/admin/staff/{user.id}/roles"
        form = {"role": asked, "place": f"team:{team.id}", "why": " "}
        refused = client.post(address, data=form)
        assert refused.status_code == 422 and 'name="why"' in refused.text
        session.refresh(user)
        assert user.role_names == [held]
        client.post(address, data=form | {"why": "The only researcher of the trust"})
        session.refresh(user)
        assert user.role_names == sorted([held, asked])
        page = client.get(f"/admin/staff/{user.id}").text
        assert "The only researcher of the trust" in page
        free = make_staff(session, "auditor", team.trust)
        free.grants.append(RoleGrant(role=held, trust=elsewhere))
        session.commit()
        assert client.post(f"/admin/staff/{free.id}/roles", data=form).location
    told = session.scalars(select(AuditEvent).filter_by(action="staff.role_given"))
    assert "only researcher" not in str([event.detail for event in told])


def test_no_role_is_given_in_another_trust(client, session):
    admin = sign_in(client, session, "administrator")
    user = make_staff(session, trust=admin.grants[0].trust)
    elsewhere = make_team(session)
    for place in (f"trust:{elsewhere.trust_id}", f"team:{elsewhere.id}", "team:99999"):
        form = {"role": "lead", "place": place}
        answer = client.post(f"/admin/staff/{user.id}/roles", data=form)
        assert answer.status_code == 404


def test_an_administrator_of_every_trust_is_listed_as_such(app, client, session):
    everywhere = make_administrator(app, session, name="Sees everything")
    trust = make_trust(session)
    sign_in(client, session, "administrator", trust)
    assert everywhere.name not in client.get("/admin/").text
    client.post("/staff/sign-out")
    user = sign_in(client, session, "administrator", trust)
    user.grants[0].trust = None
    page = client.get("/admin/").text
    assert "Administrators of every trust" in page and everywhere.name in page


@pytest.mark.one_database
def test_staff_are_added_listed_disabled_and_enabled_from_the_command_line(
    app, config, session
):
    trust, env = make_trust(session, "Northmoor"), environment(config)
    make_team(session, trust, "Harbour")
    session.commit()
    who = ("a.lead@example.org", "--name", "A Lead", "--role", "lead")
    made = typed(
        "staff", "add", *who, "--trust", "Northmoor", "--team", "Harbour", env=env
    )
    assert token_on(made.stdout)
    listed = typed("staff", "list", env=env).stdout
    assert "a.lead@example.org\tA Lead\tinvited\tlead of Harbour, Northmoor" in listed
    assert typed("staff", "disable", who[0], env=env).returncode == 0
    assert "disabled" in typed("staff", "list", env=env).stdout
    refused = typed("staff", "reset", who[0], env=env)
    assert refused.returncode == 2 and "enable the account first" in refused.stderr
    assert typed("staff", "enable", who[0], env=env).returncode == 0
    unknown = typed("staff", "reset", "nobody@example.org", env=env)
    assert unknown.returncode == 2 and "nobody has the address" in unknown.stderr
    for wrong in (("--trust", "No such"), ("--trust", "Northmoor", "--team", "No")):
        refused = typed("staff", "add", *who, *wrong, env=env)
        assert refused.returncode == 2 and "'No" in refused.stderr


@pytest.mark.one_database
def test_the_sole_administrator_is_reset_from_the_command_line_and_not_disabled(
    app, config, session
):
    user = make_administrator(app, session)
    session.commit()
    env = environment(config)
    refused = typed("staff", "disable", user.email, env=env)
    assert refused.returncode == 2 and "last administrator" in refused.stderr
    assert token_on(typed("staff", "reset", user.email, env=env).stdout)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "role, home",
    [
        ("administrator", "/admin/"),
        ("coordinator", "/campaigns/"),
        ("researcher", "/research/"),
        ("lead", "/tracking/"),
        ("keyer", "/keying/"),
        ("auditor", "/admin/audit"),
    ],
)
def test_whoever_signs_in_arrives_at_their_own_work(client, session, role, home):
    sign_in(client, session, role)
    assert client.get("/staff/").location == home


@pytest.mark.one_database
def test_who_adds_staff_from_a_trusts_page_has_chosen_that_trust(client, session):
    trust = sign_in(client, session, "administrator").grants[0].trust
    page = client.get(f"/admin/trusts/{trust.id}/staff").text
    assert re.search(rf'value="trust:{trust.id}"\s+checked', page)
