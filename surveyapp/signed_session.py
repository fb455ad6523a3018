"""Flask's signed session, whose signer is made once and not for each request."""

from functools import cached_property

from flask.sessions import SecureCookieSessionInterface


class SignedSessions(SecureCookieSessionInterface):
    """The sessions of one application, whose secrets do not change while it runs."""

    def __init__(self, app):
        self.app = app

    @cached_property
    def signer(self):
        return super().get_signing_serializer(self.app)

    def get_signing_serializer(self, app):
        return self.signer


def init_app(app):
    app.session_interface = SignedSessions(app)
