"""What every response carries, and what a page never asks of the browser."""

import re

import pytest

from .signing_in import sign_in

pytestmark = pytest.mark.one_database

PAGES = ["/about/privacy", "/staff/sign-in", "/no-such-page", "/api/health"]


def directives(response):
    policy = response.headers["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


@pytest.mark.parametrize("address", PAGES)
def test_every_response_says_how_it_may_be_used(client, address):
    response = client.get(address)
    policy = directives(response)
    assert policy["frame-ancestors"] == policy["default-src"] == "'none'"
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"


def test_a_nonce_is_drawn_for_each_response_and_used_in_its_page(client):
    first, second = (client.get("/staff/sign-in") for _ in range(2))
    nonces = [
        re.search("nonce-([^']+)", directives(r)["script-src"])[1]
        for r in (first, second)
    ]
    assert nonces[0] != nonces[1]
    assert f'nonce="{nonces[0]}"' in first.text


@pytest.mark.parametrize("address", ["/campaigns/", "/about/cookies", "/staff/sign-in"])
def test_no_page_reaches_another_origin_or_styles_inline(client, session, address):
    if address == "/campaigns/":
        sign_in(client, session)
    text = client.get(address).text
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', text) == []
    assert " style=" not in text and " onclick=" not in text


def test_cookies_are_kept_to_the_host_over_tls(app_with):
    url = {"base_url": "https://survey.example.org"}
    app = app_with(environment="production", **url)
    response = app.test_client().get(
        "/staff/sign-in", base_url="https://survey.example.org"
    )
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-staff=")
    assert all(
        word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/")
    )
    assert "max-age" in response.headers["Strict-Transport-Security"]


def test_a_local_installation_answers_its_own_machine_alone(app_with):
    app = app_with(environment="local")
    browser = app.test_client()
    assert browser.get("/api/health").status_code == 200
    away = {"REMOTE_ADDR": "192.0.2.1"}
    assert browser.get("/api/health", environ_overrides=away).status_code == 403
