"""The cookie that stands for a visit, and the visit that it stands for."""

from datetime import timedelta

from flask import current_app, g, request

from ..database import utc_now
from ..extensions import db
from . import respondent_session


def settings():
    return current_app.config["PROM"]


def cookie_name():
    return settings().cookie_name("survey")


def find_visit():
    """Put the live visit of this browser, or None, where views look for it."""
    secret = request.cookies.get(cookie_name())
    g.visit = respondent_session.current(db.session, secret, now=utc_now())


def hand_over(response, secret):
    """Give the browser the visit's cookie."""
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=timedelta(hours=settings().respondent_session_hours),
        secure=settings().over_tls,
        httponly=True,
        samesite="Lax",
    )
    return response


def take_back(response):
    """Take the visit's cookie off the browser."""
    response.delete_cookie(cookie_name(), secure=settings().over_tls, httponly=True)
    return response
