"""Signing in, as tests of staff pages need it."""

import pyotp
from flask_security import hash_password

from surveyapp.auth import sign_in_links
from surveyapp.database import utc_now

from ..factories import make_demonstrator

PASSWORD = "harbour violet teapot"


def sign_in(client, session, role="coordinator", trust=None):
    """Sign in through a one-time link, as a demonstration does; the person."""
    user = make_demonstrator(session, role, trust)
    token = sign_in_links.make(session, user, now=utc_now())
    session.commit()
    response = client.post(f"/staff/link/{token}")
    assert response.status_code == 303, response.text
    return user


def with_password(app, user):
    """Give someone the password of the tests and an authenticator; its key."""
    with app.app_context():
        user.password = hash_password(PASSWORD)
        user.tf_primary_method = "authenticator"
        factory = app.extensions["security"].totp_factory
        user.tf_totp_secret = factory.generate_totp_secret()
        return factory.get_totp_b32_key(user.tf_totp_secret)


def code_of(key, *, steps_ahead=0):
    """What the authenticator shows now, or some half minutes later."""
    return pyotp.TOTP(key).at(utc_now(), counter_offset=steps_ahead)


def enter(client, user, password=PASSWORD):
    """Send the sign-in form."""
    form = {"email": user.email, "password": password}
    return client.post("/staff/sign-in", data=form)
