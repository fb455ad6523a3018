"""Everybody's own account: recovery codes, authenticator, password, sessions."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveyapp.auth import sign_in_links
from surveyapp.auth.devices import words_of
from surveyapp.database import utc_now
from surveyapp.errors import LinkNotValid
from surveyapp.extensions import db
from surveyapp.models import AuditEvent, StaffSession, StaffUser

from ..factories import make_staff
from .signing_in import PASSWORD, code_of, enter, sign_in, with_password

pytestmark = pytest.mark.any_database

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
CODES = re.compile(r"<code class=.app-code.>([0-9a-f-]{14})</code>")
KEY = re.compile(r"<code>([A-Z2-7 -]+)</code>")


@pytest.fixture
def user(client, app, session):
    """Somebody who has signed in with password and authenticator."""
    user = make_staff(session)
    user.key = with_password(app, user)
    sign_in_again(client, user)
    return user


def sign_in_again(client, user, steps_ahead=0):
    enter(client, user)
    code = code_of(user.key, steps_ahead=steps_ahead)
    return client.post("/staff/code", data={"code": code})


def new_codes(client):
    page = client.post("/staff/account/recovery-codes", follow_redirects=True).text
    return CODES.findall(page)


def test_recovery_codes_are_shown_once_and_kept_as_hashes(client, session, user):
    codes = new_codes(client)
    assert len(set(codes)) == 10
    assert CODES.findall(client.get("/staff/account/recovery-codes").text) == []
    session.refresh(user)
    kept = str(user.mf_recovery_codes)
    assert len(user.mf_recovery_codes) == 10
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_a_recovery_code_signs_in_once_in_place_of_the_phone(client, session, user):
    codes = new_codes(client)
    for typed, status in ((codes[0], 200), (codes[0], 303), (codes[1].upper(), 200)):
        client.post("/staff/sign-out")
        enter(client, user)
        assert "recovery code" in client.get("/staff/code").text
        client.post("/staff/code/recovery", data={"code": typed})
        assert client.get("/campaigns/").status_code == status
    session.refresh(user)
    assert len(user.mf_recovery_codes) == 8


def test_codes_of_before_stop_when_new_ones_are_made(client, user):
    old, new = new_codes(client), new_codes(client)
    assert not set(old) & set(new)
    client.post("/staff/sign-out")
    enter(client, user)
    client.post("/staff/code/recovery", data={"code": old[0]})
    assert client.get("/campaigns/").status_code == 303


@pytest.mark.both_databases
def test_of_two_who_use_a_recovery_code_at_once_one_gets_in(app, client, session, user):
    code, number = new_codes(client)[0], user.id

    def use(_):
        with app.app_context():
            held = db.session.get(StaffUser, number)
            util = app.extensions["security"].mf_recovery_codes_util
            try:
                util.delete_recovery_code(held, code)
            except LinkNotValid:
                return 0
            db.session.commit()
            return 1

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(use, range(4))) == 1


@pytest.mark.both_databases
def test_of_two_who_use_a_code_of_the_authenticator_at_once_one_gets_in(
    app, client, session
):
    user = make_staff(session)
    code, number = code_of(with_password(app, user)), user.id
    session.commit()

    def use(_):
        with app.app_context():
            held = db.session.get(StaffUser, number)
            totp = app.extensions["security"].totp_factory
            right = totp.verify_totp(code, held.tf_totp_secret, held, window=30)
            db.session.commit()
            return right

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(use, range(4))) == 1


def test_the_square_code_is_shown_again_after_a_wrong_first_code(client, session):
    token = sign_in_links.make(session, make_staff(session), now=utc_now())
    client.post(f"/staff/link/{token}")
    first = client.post("/staff/second-factor", data={"setup": "authenticator"}).text
    again = client.post("/staff/code", data={"code": "000000"}).text
    assert KEY.search(again)[1] == KEY.search(first)[1]
    assert "data:image/svg+xml" in again and "not right" in again
    key = KEY.search(again)[1].replace("-", "").strip()
    client.post("/staff/code", data={"code": code_of(key)})
    assert client.get("/staff/").location == "/staff/password"


def test_the_square_code_of_another_authenticator_stays_after_a_wrong_code_too(
    client, session, user
):
    first = client.post("/staff/second-factor", data={"setup": "authenticator"}).text
    again = client.post("/staff/code", data={"code": "000000"}).text
    assert KEY.search(again)[1] == KEY.search(first)[1]
    key = KEY.search(again)[1].replace("-", "").strip()
    client.post("/staff/code", data={"code": code_of(key, steps_ahead=1)})
    session.refresh(user)
    assert _key_of(client.application, user) == key
    said = html.unescape(client.get("/staff/account/").text)
    assert "The new authenticator is set up" in said


def _key_of(app, user):
    with app.app_context():
        factory = app.extensions["security"].totp_factory
        return factory.get_totp_b32_key(user.tf_totp_secret)


def test_the_code_for_no_phone_leads_to_recovery_codes_and_mails_nobody(client, user):
    client.post("/staff/sign-out")
    enter(client, user)
    answer = client.post("/staff/code/help", data={"help_setup": "help"})
    assert (answer.status_code, answer.location) == (303, "/staff/code/recovery")


def test_a_new_password_or_authenticator_signs_out_everywhere_else(
    client, session, user
):
    now = utc_now()
    for change in ("password", "authenticator"):
        other = StaffSession(
            staff_user_id=user.id, secret_hash=change, created_at=now, seen_at=now
        )
        session.add(other)
        session.commit()
        if change == "password":
            new = dict.fromkeys(
                ("new_password", "new_password_confirm"), "ab" + PASSWORD
            )
            client.post("/staff/password", data={"password": PASSWORD, **new})
        else:
            page = client.post("/staff/second-factor", data={"setup": "authenticator"})
            key = KEY.search(page.text)[1].replace("-", "").strip()
            client.post("/staff/code", data={"code": code_of(key, steps_ahead=1)})
        session.refresh(other)
        assert other.ended_at is not None
        assert client.get("/campaigns/").status_code == 200


def test_sessions_are_listed_with_their_browser_and_ended_one_or_all(
    client, session, user
):
    client.post("/staff/sign-out")
    client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in_again(client, user, steps_ahead=1)
    now = utc_now()
    others = [
        StaffSession(staff_user_id=user.id, secret_hash=n, created_at=now, seen_at=now)
        for n in "abc"
    ]
    session.add_all(others)
    page = client.get("/staff/account/").text
    assert page.count("Firefox on Windows") >= 1 and page.count("A browser") >= 3
    client.post(f"/staff/account/sessions/{others[0].id}/end")
    for other in others:
        session.refresh(other)
    assert [other.ended_at is None for other in others] == [False, True, True]
    client.post("/staff/account/sessions/end-others")
    for other in others:
        session.refresh(other)
    assert all(other.ended_at for other in others)
    assert client.get("/staff/account/").status_code == 200


def test_nobody_ends_somebody_elses_session(client, session, user):
    now, other = utc_now(), make_staff(session)
    theirs = StaffSession(
        staff_user=other, secret_hash="theirs", created_at=now, seen_at=now
    )
    session.add(theirs)
    session.flush()
    answer = client.post(f"/staff/account/sessions/{theirs.id}/end")
    session.refresh(theirs)
    assert answer.status_code == 404 and theirs.ended_at is None


def test_who_comes_back_is_told_of_wrong_codes_after_the_right_password(
    app, client, session, user
):
    client.post("/staff/sign-out")
    enter(client, user)
    for _ in range(2):
        client.post("/staff/code", data={"code": "000000"})
    sign_in_again(client, user, steps_ahead=1)
    said = client.get("/staff/account/").text
    assert "2 wrong codes came after your right password" in said
    assert "Wrong code, after the right password" in said
    client.post("/staff/sign-out")
    session.refresh(user)
    user.tf_last_step = None
    sign_in_again(client, user)
    assert "came after your right password" not in client.get("/staff/account/").text


@pytest.mark.parametrize("path", ["account/recovery-codes", "second-factor"])
def test_how_one_signs_in_is_changed_only_after_a_fresh_proof(
    client, session, user, path
):
    assert client.get(f"/staff/{path}").status_code == 200
    with client.session_transaction() as cookie:
        cookie["fs_paa"] -= timedelta(minutes=16).total_seconds()
        cookie.pop("fs_gexp", None)
    asked = client.get(f"/staff/{path}")
    assert "/staff/confirm" in asked.location
    client.post(asked.location, data={"password": PASSWORD})
    assert client.get(f"/staff/{path}").status_code == 200


def test_what_was_done_about_an_account_is_in_the_audit(client, session, user):
    new_codes(client)
    actions = set(session.scalars(select(AuditEvent.action)))
    assert {"staff.signed_in", "staff.recovery_codes_made"} <= actions


@pytest.mark.parametrize(
    "agent, words",
    [
        (FIREFOX, "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU OS 17_0) Version/17.0 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36",
            "Chrome on Linux",
        ),
        ("a-name-of-someone", "A browser"),
        (None, "A browser"),
    ],
)
def test_a_browser_is_named_in_words_of_ours(agent, words):
    assert words_of(agent) == words


def test_a_demonstration_account_has_nothing_to_set_up(client, session):
    sign_in(client, session)
    assert "signs in by its links alone" in client.get("/staff/account/").text
