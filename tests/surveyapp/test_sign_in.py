"""How staff sign in, and everything that must not let anyone in."""

import re
from datetime import timedelta

import pytest
from flask_security import hash_password
from sqlalchemy import select

from surveyapp import auth
from surveyapp.auth import sign_in_links
from surveyapp.database import utc_now
from surveyapp.errors import LinkNotValid
from surveyapp.models import SignInLink, StaffSession

from ..factories import make_demonstrator, make_staff
from .signing_in import PASSWORD, code_of, enter, sign_in, with_password

pytestmark = pytest.mark.any_database

CONFIRMED = ("new_password", "new_password_confirm")


def test_a_password_alone_does_not_sign_in(client, app, session):
    user = make_staff(session)
    with_password(app, user)
    assert enter(client, user).status_code == 302
    assert client.get("/campaigns/").status_code == 303


def test_a_password_is_kept_as_strongly_as_argon2_advises(app_with, monkeypatch):
    monkeypatch.delitem(auth.RULES, "PASSWORD_HASH_PASSLIB_OPTIONS")
    with app_with().app_context():
        kept = hash_password(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_password_and_code_sign_in(client, app, session):
    user = make_staff(session)
    key = with_password(app, user)
    enter(client, user)
    client.post("/staff/code", data={"code": code_of(key)})
    assert client.get("/campaigns/").status_code == 200


def test_a_code_works_once(client, app, session):
    user = make_staff(session)
    key = with_password(app, user)
    code = code_of(key)
    enter(client, user)
    client.post("/staff/code", data={"code": code})
    client.post("/staff/sign-out")
    enter(client, user)
    client.post("/staff/code", data={"code": code})
    assert client.get("/campaigns/").status_code == 303


def test_a_wrong_password_and_an_unknown_address_look_alike(client, app, session):
    user = make_staff(session)
    with_password(app, user)
    wrong = enter(client, user, "not the password")
    user_unknown = make_staff(session, email="nobody@example.org")
    session.delete(user_unknown)
    unknown = client.post(
        "/staff/sign-in", data={"email": "nobody@example.org", "password": PASSWORD}
    )
    said = [
        r.text.replace(user.email, "").replace("nobody@example.org", "")
        for r in (wrong, unknown)
    ]
    said = [text.split("<main")[1].split("</main>")[0] for text in said]
    assert [r.status_code for r in (wrong, unknown)] == [200, 200]
    assert _without_tokens(said[0]) == _without_tokens(said[1])


def _without_tokens(text):
    return re.sub(r'name="csrf_token"[^>]*>', "", text)


def test_looking_at_a_link_does_not_use_it_up(client, session):
    user = make_demonstrator(session)
    token = sign_in_links.make(session, user, now=utc_now())
    for _ in range(3):
        assert "button" in client.get(f"/staff/link/{token}").text
    assert client.post(f"/staff/link/{token}").status_code == 303
    assert client.get("/campaigns/").status_code == 200


def test_a_link_signs_in_once(client, session):
    user = make_demonstrator(session)
    token = sign_in_links.make(session, user, now=utc_now())
    client.post(f"/staff/link/{token}")
    client.post("/staff/sign-out")
    assert client.post(f"/staff/link/{token}").status_code == 404


def test_an_old_link_does_not_work(session):
    token = sign_in_links.make(session, make_demonstrator(session), now=utc_now())
    with pytest.raises(LinkNotValid):
        sign_in_links.use(session, token, now=utc_now() + timedelta(hours=25))


def test_only_the_hash_of_a_link_is_stored(session):
    token = sign_in_links.make(session, make_demonstrator(session), now=utc_now())
    assert token not in str(session.execute(select(SignInLink.__table__)).all())


def test_a_demonstration_link_works_on_this_machine_alone(client, session):
    token = sign_in_links.make(session, make_demonstrator(session), now=utc_now())
    for elsewhere in ({"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "::1"}):
        response = client.post(f"/staff/link/{token}", environ_overrides=elsewhere)
        assert response.status_code == 404


def test_a_real_persons_link_asks_for_a_second_factor(client, session):
    token = sign_in_links.make(session, make_staff(session), now=utc_now())
    response = client.post(f"/staff/link/{token}")
    assert response.location.split("?")[0] == "/staff/second-factor"
    assert client.get("/campaigns/").status_code == 303
    page = client.post("/staff/second-factor", data={"setup": "authenticator"})
    assert "data:image/" in page.text


def test_a_newcomer_goes_from_link_to_authenticator_to_password(client, session):
    user = make_staff(session)
    token = sign_in_links.make(session, user, now=utc_now())
    client.post(f"/staff/link/{token}")
    page = client.post("/staff/second-factor", data={"setup": "authenticator"}).text
    key = re.search(r"<code>([A-Z2-7 -]+)</code>", page)[1].replace("-", "").strip()
    client.post("/staff/code", data={"code": code_of(key)})
    assert client.get("/staff/").location == "/staff/password"
    chosen = {"new_password": PASSWORD, "new_password_confirm": PASSWORD}
    assert client.post("/staff/password", data=chosen).status_code == 302
    assert client.get("/staff/").location == "/staff/account/recovery-codes"
    client.post("/staff/account/recovery-codes")
    assert client.get("/staff/").location == "/campaigns/"
    client.post("/staff/sign-out")
    enter(client, user)
    client.post("/staff/code", data={"code": code_of(key, steps_ahead=1)})
    assert client.get("/campaigns/").status_code == 200


def test_a_guessable_new_password_is_asked_for_again(client, app, session):
    user = make_staff(session)
    key = with_password(app, user)
    enter(client, user)
    client.post("/staff/code", data={"code": code_of(key)})
    for password in ("Password12345", "Northmoor2026", "a" * 100):
        weak = {"password": PASSWORD, **dict.fromkeys(CONFIRMED, password)}
        assert "easy to guess" in client.post("/staff/password", data=weak).text


def test_sign_out_ends_the_session_on_the_server(client, session):
    sign_in(client, session)
    stolen = client.get_cookie("staff").value
    client.post("/staff/sign-out")
    client.set_cookie("staff", stolen)
    assert client.get("/campaigns/").status_code == 303


def test_a_disabled_person_is_out_at_once(client, session):
    user = sign_in(client, session)
    assert client.get("/campaigns/").status_code == 200
    user.active = False
    assert client.get("/campaigns/").status_code == 303


@pytest.mark.parametrize(
    "aged", [{"seen_at": timedelta(minutes=31)}, {"created_at": timedelta(hours=13)}]
)
def test_an_idle_or_old_session_ends(client, session, aged):
    sign_in(client, session)
    stored = session.scalars(select(StaffSession)).one()
    for name, age in aged.items():
        setattr(stored, name, utc_now() - age)
    assert client.get("/campaigns/").status_code == 303


def test_a_session_is_a_new_one_after_signing_in(client, session):
    client.get("/staff/sign-in")
    before = client.get_cookie("staff")
    sign_in(client, session)
    assert client.get_cookie("staff").value != (before and before.value)
    assert session.scalars(select(StaffSession)).one().ended_at is None
