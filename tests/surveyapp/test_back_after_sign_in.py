"""Whoever has to sign in again comes back to where they were, and nobody else does."""

import re

import pyotp
import pytest
from sqlalchemy import update

from surveyapp.auth import sign_in_links
from surveyapp.database import utc_now
from surveyapp.models import StaffSession

from ..factories import LONG_AGO, make_campaign, make_invitation, make_staff, make_trust
from .crawler import Page
from .signing_in import PASSWORD, code_of, with_password

pytestmark = pytest.mark.one_database


@pytest.fixture
def campaign(session):
    return make_campaign(session)


@pytest.fixture
def somebody(app, client, session, campaign):
    """A coordinator who is signed in, and the key of their authenticator."""
    user = make_staff(session, trust=campaign.trust)
    key = with_password(app, user)
    session.commit()
    sign_in_at(client, "/staff/sign-in", user, code_of(key))
    return user, key


def sign_in_at(client, address, user, *codes):
    """Send what the pages ask for, from one on, to where their forms go."""
    asked = {"email": user.email, "password": PASSWORD}
    answer = press(client, client.get(address), asked)
    for code in codes:
        page = client.get(answer.location) if answer.location else answer
        answer = press(client, page, {"code": code})
    return answer


def press(client, page, fields):
    """Send a page's form, as a browser does, with what is typed into it."""
    forms = Page(page.request.full_path.rstrip("?"), page.text).forms
    form = next(form for form in forms if form.names.issuperset(fields))
    return client.post(form.action, data=form.filled | fields)


def time_passes(session):
    session.execute(update(StaffSession).values(seen_at=LONG_AGO))
    session.commit()


def test_a_session_that_ended_by_time_leads_back(client, session, campaign, somebody):
    user, key = somebody
    time_passes(session)
    here = f"/campaigns/{campaign.id}/links/?find=3"
    asked = client.get(here)
    assert asked.status_code == 303 and "/staff/sign-in" in asked.location
    wrong, right = "000000", code_of(key, steps_ahead=1)
    out = sign_in_at(client, asked.location, user, wrong, right)
    assert out.status_code == 302 and out.location == here


def test_what_was_sent_too_late_leads_to_its_page_and_is_not_sent_again(
    client, session, campaign, somebody
):
    user, key = somebody
    time_passes(session)
    form = f"/campaigns/{campaign.id}/links/new"
    sent = client.post(
        form, data={"n": "3"}, headers={"Referer": f"http://localhost{form}"}
    )
    out = sign_in_at(client, sent.location, user, code_of(key, steps_ahead=1))
    assert out.location == form
    assert "None has been made" in client.get(f"/campaigns/{campaign.id}/links/").text


@pytest.mark.parametrize(
    "elsewhere",
    ["http://evil.example/x", "", "//evil.example/", "http://localhost//evil.example/"],
)
def test_no_address_elsewhere_is_led_back_to(
    client, session, campaign, somebody, elsewhere
):
    user, key = somebody
    time_passes(session)
    sent = client.post(
        f"/campaigns/{campaign.id}/links/new", headers={"Referer": elsewhere}
    )
    out = sign_in_at(client, sent.location, user, code_of(key, steps_ahead=1))
    assert "evil" not in sent.location + out.location
    crafted = f"/staff/sign-in?next={elsewhere or '//evil.example/'}"
    form = {"email": user.email, "password": PASSWORD}
    assert "evil" not in (client.post(crafted, data=form).location or "")


def test_somebody_else_at_the_same_browser_is_not_shown_what_was_open(
    app, client, session, campaign, somebody
):
    other = make_staff(
        session, trust=make_trust(session, "Southmoor"), email="o@example.org"
    )
    key = with_password(app, other)
    session.commit()
    time_passes(session)
    asked = client.get(f"/campaigns/{campaign.id}")
    out = sign_in_at(client, asked.location, other, code_of(key))
    assert client.get(out.location).status_code == 404
    assert campaign.title not in client.get(out.location).text


def test_a_disabled_account_is_led_to_the_sign_in_and_no_further(
    client, session, campaign, somebody
):
    user, _ = somebody
    user.active = False
    session.execute(update(StaffSession).values(ended_at=utc_now()))
    session.commit()
    asked = client.get(f"/campaigns/{campaign.id}")
    refused = client.post(
        asked.location, data={"email": user.email, "password": PASSWORD}
    )
    assert refused.status_code == 200
    assert "We do not know this address with this password" in refused.text
    assert client.get(f"/campaigns/{campaign.id}").status_code == 303


def test_a_link_after_a_forgotten_password_leads_back_as_well(
    client, session, campaign, somebody
):
    user, key = somebody
    here = f"/campaigns/{campaign.id}/links/?find=3"
    user.password = None
    session.execute(update(StaffSession).values(ended_at=utc_now()))
    token = sign_in_links.make(session, user, now=utc_now())
    session.commit()
    client.get(here)
    code = client.post(f"/staff/link/{token}").location
    home = client.post(code, data={"code": code_of(key, steps_ahead=1)}).location
    to_password = client.get(home).location
    new = {"new_password": PASSWORD, "new_password_confirm": PASSWORD}
    arrived = client.post(to_password, data=new).location
    user.mf_recovery_codes = ["a-code"]  # kept from before
    session.commit()
    assert client.get(arrived).location == here
    assert client.get("/staff/").location == "/campaigns/"


def test_a_link_after_a_lost_phone_leads_back_as_well(
    client, session, campaign, somebody
):
    user, _ = somebody
    here = f"/campaigns/{campaign.id}/links/?find=3"
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_step = None
    user.mf_recovery_codes = ["a-code"]
    session.execute(update(StaffSession).values(ended_at=utc_now()))
    token = sign_in_links.make(session, user, now=utc_now())
    session.commit()
    client.get(here)
    setup = client.get(client.post(f"/staff/link/{token}").location)
    shown = press(client, setup, {"setup": "authenticator"})
    key = "".join(re.findall(r"[A-Z2-7]+", re.search(r"<code>(.+?)<", shown.text)[1]))
    wrong = press(client, shown, {"code": "000000"})
    home = press(client, wrong, {"code": pyotp.TOTP(key).now()})
    assert client.get(home.location).location == here
    assert client.get("/staff/").location == "/campaigns/"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "/\\evil.example", "https://evil.example", "evil"]
)
def test_no_address_elsewhere_is_come_back_to(client, session, somebody, elsewhere):
    somebody[0].mf_recovery_codes = ["a-code"]
    session.commit()
    out = client.get("/staff/", query_string={"back": elsewhere})
    assert out.location == "/campaigns/"


def test_what_needs_no_sign_in_goes_on_and_no_secret_is_in_an_address(
    client, session, campaign, somebody
):
    make_invitation(session, campaign, "a-respondents-link")
    session.commit()
    time_passes(session)
    assert client.get("/s/a-respondents-link").status_code == 200
