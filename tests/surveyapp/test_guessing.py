"""Every secret that can be typed: guessing is slow, and holds up nobody else."""

import re
from datetime import timedelta

import argon2.low_level
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from surveyapp.auth import sign_in_links
from surveyapp.database import utc_now
from surveyapp.links import RECEIPT_LENGTH, new_code, new_receipt, new_token
from surveyapp.models import Attempt

from ..factories import make_assessment, make_staff
from .signing_in import PASSWORD, code_of, enter, sign_in, with_password

pytestmark = pytest.mark.any_database

WARD, HOME = {"REMOTE_ADDR": "192.0.2.10"}, {"REMOTE_ADDR": "203.0.113.9"}
WRONG = "a wrong password, long enough"


@pytest.fixture
def another(app, session):
    """A second browser, which sends its forms without a token, as an attacker may."""

    class Browser(FlaskClient):
        def open(self, *args, **kwargs):
            session.commit()
            return super().open(*args, **kwargs)

    app.config["WTF_CSRF_ENABLED"] = False
    yield Browser(app)
    app.config["WTF_CSRF_ENABLED"] = True


def minute_passes(session):
    """Let what was tried so far have been tried a minute earlier."""
    session.commit()
    for attempt in session.scalars(select(Attempt)):
        attempt.at -= timedelta(seconds=60)
    session.commit()


def tries(session):
    session.commit()
    return session.scalar(select(func.count()).select_from(Attempt))


def send(client, address, place=WARD, **form):
    return client.post(address, data=form, environ_base=place)


# Each way to type a secret: what leads there, then a wrong one and some slips.


def password(client, app, session):
    user = make_staff(session)
    with_password(app, user)
    return "/staff/sign-in", lambda wrong: {"email": user.email, "password": wrong}


def present_password(client, app, session):
    signed_in(client, app, session)
    new = dict.fromkeys(("new_password", "new_password_confirm"), "kettle otter plinth")
    return "/staff/password", lambda wrong: {"password": wrong, **new}


def password_again(client, app, session):
    signed_in(client, app, session)
    return "/staff/confirm", lambda wrong: {"password": wrong}


def second_factor(client, app, session):
    user = make_staff(session)
    with_password(app, user)
    enter(client, user)
    return "/staff/code", lambda wrong: {"code": wrong}


def recovery_code(client, app, session):
    address, _ = second_factor(client, app, session)
    return f"{address}/recovery", lambda wrong: {"code": wrong}


def invitation_code(client, app, session):
    return "/", lambda wrong: {"code": wrong}


def receipt(client, app, session):
    return "/withdraw", lambda wrong: {"receipt": wrong}


def form_number(client, app, session):
    sign_in(client, session)
    return "/keying/", lambda wrong: {"code": wrong}


def signed_in(client, app, session, role="coordinator"):
    user = make_staff(session, role)
    key = with_password(app, user)
    enter(client, user)
    client.post("/staff/code", data={"code": code_of(key)})
    return user


def well_formed(length):
    """Wrong codes that begin alike, so that they would be one account's."""
    codes = (new_code(length) for _ in iter(int, 1))
    return lambda: next(code for code in codes if code[:2] == "AB")


DIGITS = lambda: "000000"  # noqa: E731
WAYS = {
    password: (lambda: WRONG, ["", "short"]),
    present_password: (lambda: WRONG, [""]),
    password_again: (lambda: WRONG, ["", "short"]),
    second_factor: (DIGITS, ["", "12345", "abcdef", "1234567"]),
    recovery_code: (lambda: "0123-4567-89ab", ["", "1234", "0123-4567-89ab-cd"]),
    invitation_code: (well_formed(8), ["", "not a code", "ABC-DEF-GHJ"]),
    receipt: (well_formed(RECEIPT_LENGTH), ["", "no", "ABCDEFGHJKLM"]),
    form_number: (well_formed(8), ["", "not a code", "ABC-DEF-GHJ"]),
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


@EVERY_WAY
def test_guessing_has_to_wait_and_is_told_how_long_in_words(client, app, session, way):
    address, form = way(client, app, session)
    wrong, _ = WAYS[way]
    answers = [client.post(address, data=form(wrong())) for _ in range(12)]
    assert all(answer.status_code < 429 for answer in answers[:3])
    last = answers[-1]
    assert last.status_code == 429
    wait = int(last.headers["Retry-After"])
    assert 0 < wait <= 60
    assert f"Wait {wait} seconds" in last.text
    minute_passes(session)
    assert client.post(address, data=form(wrong())).status_code < 429


@EVERY_WAY
def test_a_slip_is_no_guess(client, app, session, way):
    address, form = way(client, app, session)
    before = tries(session)
    for slip in WAYS[way][1] * 10:
        assert client.post(address, data=form(slip)).status_code < 429
    assert tries(session) == before


def test_thirty_wrong_passwords_hold_up_no_colleague_at_the_same_address(
    client, app, session, another
):
    victim, colleague = make_staff(session), make_staff(session)
    for user in (victim, colleague):
        with_password(app, user)
    for _ in range(30):
        send(another, "/staff/sign-in", email=victim.email, password=WRONG)
    wait = send(another, "/staff/sign-in", email=victim.email, password=WRONG)
    assert wait.status_code == 429
    form = {"email": colleague.email, "password": PASSWORD}
    assert "/staff/code" in send(client, "/staff/sign-in", **form).location


def test_the_owner_gets_in_from_another_place_and_after_a_minute_from_the_same(
    client, app, session, another
):
    user = make_staff(session)
    with_password(app, user)
    form = {"email": user.email, "password": PASSWORD}
    for _ in range(12):
        send(another, "/staff/sign-in", email=user.email, password=WRONG)
    assert send(client, "/staff/sign-in", **form).status_code == 429
    assert send(client, "/staff/sign-in", HOME, **form).status_code == 302
    minute_passes(session)
    assert send(another, "/staff/sign-in", **form).status_code == 302


def test_in_a_browser_that_an_account_knows_nobody_else_holds_it_up(
    client, app, session, another
):
    user = make_staff(session)
    key = with_password(app, user)
    form = {"email": user.email, "password": PASSWORD}
    send(client, "/staff/sign-in", **form)
    send(client, "/staff/code", code=code_of(key))
    send(client, "/staff/sign-out")
    for place in range(40):
        wrong = {"email": user.email, "password": WRONG}
        send(another, "/staff/sign-in", {"REMOTE_ADDR": f"10.0.{place}.1"}, **wrong)
    assert send(another, "/staff/sign-in", HOME, **form).status_code == 429
    assert send(client, "/staff/sign-in", **form).status_code == 302
    colleague = make_staff(session)
    with_password(app, colleague)
    session.commit()
    client.set_cookie("known", "forged")
    assert send(client, "/staff/sign-in", **form).status_code == 429


def test_a_ward_that_mistypes_receipts_still_withdraws(client, app, session, another):
    for wrong in (new_receipt, lambda: "ABCDEFGHJKLM"):
        for _ in range(40):
            send(another, "/withdraw", receipt=wrong())
    mine = make_assessment(session, receipt_code=new_receipt(), submitted_at=utc_now())
    if send(client, "/withdraw", receipt=mine.receipt_code).status_code == 429:
        minute_passes(session)  # at worst one that begins with the same two signs
        send(client, "/withdraw", receipt=mine.receipt_code)
    session.refresh(mine)
    assert mine.withdrawn_at is not None


def test_a_right_code_counts_for_nothing(client, app, session):
    mine = make_assessment(session, receipt_code=new_receipt(), submitted_at=utc_now())
    send(client, "/withdraw", receipt=mine.receipt_code)
    assert tries(session) == 0


def test_one_time_links_are_guessed_at_slowly_too(client, session):
    alike = ["AB" + new_token()[2:] for _ in range(7)]
    statuses = [client.get(f"/staff/link/{token}").status_code for token in alike]
    assert statuses == [404] * 5 + [429] * 2
    assert client.get("/staff/link/cut-short").status_code == 404
    mine = sign_in_links.make(session, make_staff(session), now=utc_now())
    assert client.get(f"/staff/link/{mine}").status_code == 200


def test_a_wrong_new_password_is_no_guess_of_the_present_one(client, app, session):
    signed_in(client, app, session)
    weak = dict.fromkeys(("new_password", "new_password_confirm"), "password1234")
    for _ in range(20):
        answer = client.post("/staff/password", data={"password": PASSWORD, **weak})
        assert answer.status_code == 200
    assert tries(session) == 0


def test_whether_an_account_exists_shows_in_no_answer_wait_or_work(
    client, app, session, monkeypatch
):
    work = []
    for name in ("hash_secret", "verify_secret"):
        really = getattr(argon2.low_level, name)
        monkeypatch.setattr(argon2.low_level, name, _noted(really, work))
    with_phone = make_staff(session)
    with_password(app, with_phone)
    gone = make_staff(session, active=False)
    with_password(app, gone)
    fresh = make_staff(session)
    seen = set()
    for email in (with_phone.email, gone.email, fresh.email, "nobody@example.org"):
        work.clear()
        answers = []
        for _ in range(7):
            answer = client.post(
                "/staff/sign-in", data={"email": email, "password": WRONG}
            )
            main = answer.text.split("<main")[1].split("</main>")[0]
            main = re.sub(r'name="csrf_token"[^>]*>', "", main.replace(email, ""))
            answers.append((answer.status_code, re.sub(r"\d+ seconds", "", main)))
        seen.add((tuple(answers), len(work)))
    assert len(seen) == 1 and len(work) > 0


def _noted(really, work):
    def noted(*args, **kwargs):
        work.append(1)
        return really(*args, **kwargs)

    return noted
