"""Signers that are made once sign and open as those of Flask and Flask-WTF do."""

from inspect import iscoroutinefunction

import pytest
from flask import g, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, generate_csrf, validate_csrf
from itsdangerous import BadSignature
from wtforms import ValidationError

from surveyapp.extensions import csrf
from surveyapp.signed_session import FIELD, form_token

pytestmark = pytest.mark.one_database


@pytest.fixture
def signers(app):
    """Ours of sessions, and Flask's own."""
    usual = SecureCookieSessionInterface().get_signing_serializer(app)
    return app.session_interface.get_signing_serializer(app), usual


def test_sessions_are_opened_by_either_signer(signers):
    held = {"display": {"size": "large"}, "csrf_token": "f" * 40}
    for one, other in (signers, signers[::-1]):
        assert other.loads(one.dumps(held), max_age=60) == held


def test_a_session_that_was_changed_opens_nothing(signers):
    ours, _ = signers
    signed = ours.dumps({"language": "en"})
    for place in (0, len(signed) // 2, len(signed) - 2):
        sign = "A" if signed[place] != "A" else "B"
        with pytest.raises(BadSignature):
            ours.loads(signed[:place] + sign + signed[place + 1 :], max_age=60)


def test_a_token_of_ours_is_one_of_flask_wtf(app):
    with app.test_request_context():
        usual = generate_csrf()
        g.pop(FIELD)
        ours = form_token()
        assert ours.split(".")[0] == usual.split(".")[0]
        validate_csrf(ours)
        with pytest.raises(ValidationError):
            validate_csrf(ours[:-2] + "xx")
        session[FIELD] = "another person's"
        with pytest.raises(ValidationError):
            validate_csrf(ours)


def test_only_what_writes_is_asked_for_a_token(app):
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        with app.test_request_context("/staff/sign-in", method=method):
            if method in ("GET", "HEAD"):
                csrf.protect()
            else:
                with pytest.raises(CSRFError):
                    csrf.protect()


def test_every_view_and_hook_is_a_plain_function(app):
    """The application does not ask each of them, at each request, whether it is."""
    hooks = [app.before_request_funcs, app.after_request_funcs]
    hooks += [app.teardown_request_funcs, app.template_context_processors]
    every = [each for kind in hooks for some in kind.values() for each in some]
    every += [*app.view_functions.values(), *app.teardown_appcontext_funcs]
    assert not [each for each in every if iscoroutinefunction(each)]
