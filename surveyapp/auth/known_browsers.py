"""Browsers that somebody has signed in with: there, nobody else can hold them up.

A signed cookie holds a number of the browser, and hashes of the accounts that have
signed in with it, both factors. Tries of their secrets from it are counted for
themselves, away from those of the same network.
"""

import secrets
from datetime import timedelta

from flask import after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from .. import throttle

LASTS = timedelta(days=180)
MOST = 8  # people who share one computer


def place_for(account):
    """Where a try of this account's secret comes from, and whether it is known."""
    browser, accounts = _held()
    if _hash(account) in accounts:
        return f"browser {browser}", True
    return throttle.place_of(request.remote_addr), False


def remember(account):
    """Let this browser be known to an account that has just signed in with it."""
    browser, accounts = _held()
    accounts = [_hash(account), *(a for a in accounts if a != _hash(account))][:MOST]
    value = _signer().dumps([browser or secrets.token_hex(16), accounts])

    @after_this_request
    def hand_over(response):
        response.set_cookie(
            cookie_name(),
            value,
            max_age=LASTS,
            secure=_config().over_tls,
            httponly=True,
            samesite="Lax",
        )
        return response


def account_of(email):
    """One name for an account, however its address is typed."""
    return email.strip().lower()


def cookie_name():
    return _config().cookie_name("known")


def _held():
    """Number and accounts of this browser; none where the cookie is not ours."""
    try:
        value = request.cookies.get(cookie_name(), "")
        return _signer().loads(value, max_age=LASTS.total_seconds())
    except BadSignature:
        return None, []


def _signer():
    return URLSafeTimedSerializer(_config().derived_key("known browsers"))


def _hash(account):
    return throttle.hashed("known", account)[:24]


def _config():
    return current_app.config["PROM"]
