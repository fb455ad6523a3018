"""Flask's signed session and forms' tokens, with signers made once and not each time.

What is signed, by which key and how, is as Flask and Flask-WTF have it: each opens what
the other signed.
"""

import hmac
from functools import cached_property

from flask import current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode
from itsdangerous.signer import HMACAlgorithm

TOKENS = "prom.form_tokens"
FIELD, SALT = "csrf_token", "wtf-csrf-token"  # Flask-WTF's


class AtOnce(HMACAlgorithm):
    """The same signature in one call."""

    def get_signature(self, key, value):
        return hmac.digest(key, value, "sha1")


class OneKey(TimestampSigner):
    """A signer that works out once what it signs by."""

    def __init__(self, *args, **given):
        super().__init__(*args, **given, algorithm=AtOnce())
        self._derived = {}

    def derive_key(self, secret_key=None):
        if secret_key not in self._derived:
            self._derived[secret_key] = super().derive_key(secret_key)
        return self._derived[secret_key]


class OneSigner(URLSafeTimedSerializer):
    """A serializer that signs by one signer."""

    default_signer = OneKey

    @cached_property
    def _signer(self):
        return super().make_signer()

    def make_signer(self, salt=None):
        return self._signer if salt in (None, self.salt) else super().make_signer(salt)


class OfForms(OneSigner):
    """Does not try whether a text that was drawn gets shorter: it does not."""

    def dump_payload(self, obj):
        return base64_encode(self.serializer.dumps(obj, separators=(",", ":")))


class SignedSessions(SecureCookieSessionInterface):
    """The sessions of one application, whose secrets do not change while it runs."""

    def __init__(self, app):
        self.app = app

    @cached_property
    def signer(self):
        usual = super().get_signing_serializer(self.app)
        return usual and OneSigner(
            usual.secret_keys,
            salt=usual.salt,
            serializer=usual.serializer,
            signer_kwargs={"key_derivation": self.key_derivation},
        )

    def get_signing_serializer(self, app):
        return self.signer


class FormTokens(CSRFProtect):
    """Asks what writes for its token; there is nothing to ask of other requests."""

    def protect(self, apply_exemptions=False):
        if request.method in current_app.config["WTF_CSRF_METHODS"]:
            super().protect(apply_exemptions)


def form_token():
    """The token of this request's forms."""
    here = g._get_current_object()
    if FIELD not in here and isinstance(held := session.get(FIELD), str):
        here.csrf_token = current_app.extensions[TOKENS].dumps(held)
    return generate_csrf() if FIELD not in here else here.csrf_token


def init_app(app):
    app.session_interface = SignedSessions(app)
    app.extensions[TOKENS] = OfForms(app.secret_key, salt=SALT)
