"""Signing in through the organisation's own provider, run by the test on loopback."""

import html
import re
import warnings
from dataclasses import replace

import pytest
import requests
from sqlalchemy import select

from surveyapp.errors import ConfigurationError
from surveyapp.models import AuditEvent, StaffUser

from ..factories import make_demonstrator, make_staff

NAME = "Northmoor single sign-on"
# What the provider of these tests does itself, in a thread of its own.
pytestmark = [
    pytest.mark.any_database,
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def provider():
    """A provider that knows whom `vouch` adds; its address without a slash."""
    with warnings.catch_warnings():  # it leans on modules that its own needs gave up
        warnings.simplefilter("ignore")
        import oidc_provider_mock
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def client(app_with, provider):
    app = app_with(
        oidc_issuer=provider,
        oidc_client_id="survey",
        oidc_client_secret="a secret of the tests",
        oidc_name=NAME,
    )
    return app.test_client()


def vouch(provider, sub, **claims):
    """Let the provider know somebody."""
    answer = requests.put(f"{provider}/users/{sub}", json=claims, timeout=60)
    assert answer.ok, answer.text


def back_to(client, sub):
    """What the way to the provider and back ends in."""
    there = client.get("/staff/provider/").location
    assert "code_challenge_method=S256" in there and "state=" in there
    came = requests.post(there, data={"sub": sub}, allow_redirects=False, timeout=60)
    query = came.headers["Location"].partition("?")[2]
    return client.get(f"/staff/provider/back?{query}")


def test_who_has_an_account_comes_in_by_the_provider_alone(client, session, provider):
    user = make_staff(session)
    session.commit()
    vouch(provider, "s1", email=user.email.upper(), email_verified=True)
    assert NAME in html.unescape(client.get("/staff/sign-in").text)
    assert back_to(client, "s1").location == "/staff/"
    assert client.get("/staff/").location == "/campaigns/"
    said = html.unescape(client.get("/staff/account/").text)
    assert f"{NAME} asks for the second factor" in said
    session.commit()  # so that it reads what is there by now
    assert user.provider_subject == f"{provider} s1"
    actions = session.scalars(select(AuditEvent.action)).all()
    assert {"staff.provider_linked", "staff.signed_in"} <= set(actions)


def test_a_new_address_at_the_provider_does_not_shut_somebody_out(
    client, session, provider
):
    user = make_staff(session)
    session.commit()
    vouch(provider, "s2", email=user.email, email_verified=True)
    assert back_to(client, "s2").location == "/staff/"
    client.post("/staff/sign-out")
    vouch(provider, "s2", email="married@example.org", email_verified=True)
    assert back_to(client, "s2").location == "/staff/"


@pytest.mark.parametrize(
    "who", ["nobody", "unchecked", "disabled", "another's", "demonstration"]
)
def test_whom_the_provider_vouches_for_in_vain_gets_a_page_and_no_account(
    client, session, provider, who
):
    make = make_demonstrator if who == "demonstration" else make_staff
    user = make(session)
    user.active = who != "disabled"
    if who == "another's":
        user.provider_subject = f"{provider} somebody else"
    session.commit()
    email = "nobody@example.org" if who == "nobody" else user.email
    sub = f"in-vain-{who.replace(chr(39), '')}"
    vouch(provider, sub, email=email, email_verified=who != "unchecked")
    answer = back_to(client, sub)
    assert answer.status_code == 403
    assert "no account here" in html.unescape(answer.text) and email not in answer.text
    session.commit()  # so that it reads what is there by now
    assert session.query(StaffUser).count() == 1
    assert client.get("/campaigns/").status_code == 303
    refused = select(AuditEvent).filter_by(action="staff.provider_refused")
    assert len(session.scalars(refused).all()) == 1


def test_a_forged_or_repeated_answer_of_the_provider_signs_nobody_in(
    client, session, provider
):
    user = make_staff(session)
    session.commit()
    vouch(provider, "s3", email=user.email, email_verified=True)
    forged = client.get("/staff/provider/back?code=made-up&state=made-up")
    there = client.get("/staff/provider/").location
    state = re.search("state=([^&]+)", there)[1]
    wrong = client.get(f"/staff/provider/back?code=made-up&state={state}")
    refused = client.get("/staff/provider/back?error=access_denied&state=x")
    for answer in (forged, wrong, refused):
        assert answer.status_code == 502
        assert "did not work" in answer.text
    assert client.get("/campaigns/").status_code == 303


def test_a_provider_that_does_not_answer_is_told_in_a_page(app_with, session):
    given = {"oidc_issuer": "http://localhost:9", "oidc_client_id": "survey"}
    app = app_with(**given, oidc_client_secret="a secret of the tests")
    answer = app.test_client().get("/staff/provider/")
    assert answer.status_code == 502 and "did not work" in answer.text


def test_nobody_of_the_provider_gets_a_password_that_would_do_alone(
    client, session, provider
):
    user = make_staff(session)
    session.commit()
    vouch(provider, "s4", email=user.email, email_verified=True)
    back_to(client, "s4")
    assert client.get("/staff/password").location == "/staff/account/"
    new = dict.fromkeys(("new_password", "new_password_confirm"), "harbour violet tea")
    client.post("/staff/password", data=new)
    session.commit()
    assert user.password is None


def test_without_a_provider_there_is_no_such_way_in(client, app_with):
    plain = app_with().test_client()
    assert NAME not in html.unescape(plain.get("/staff/sign-in").text)
    for address in ("/staff/provider/", "/staff/provider/back"):
        assert plain.get(address).status_code == 404


@pytest.mark.parametrize(
    "given, said",
    [
        ({"oidc_issuer": "https://sso.example"}, "PROM_OIDC_CLIENT_ID"),
        ({"oidc_client_id": "survey"}, "PROM_OIDC_ISSUER is missing"),
    ],
)
@pytest.mark.one_database
def test_half_a_provider_is_refused_at_the_start(config, given, said):
    with pytest.raises(ConfigurationError, match=said):
        replace(config, **given).checked()
