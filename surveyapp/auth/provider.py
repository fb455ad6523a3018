"""Signing in through the organisation's own provider, by OpenID Connect.

Set up by `PROM_OIDC_...`; without it nothing here is reached. The provider vouches
for who somebody is and asks for the second factor. It makes nobody an account: the
address has to be one that is here, the first time, and from then on its number.
"""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select, update

from .. import audit
from ..errors import NotKnownHere, ProviderFailed
from ..models import StaffUser

SECONDS = 10  # for each of the provider's answers
SCOPE = "openid email profile"


@dataclass(frozen=True)
class Person:
    """Whom the provider vouches for; `email` is empty where it has not checked one."""

    subject: str
    email: str


def init_app(app):
    """Know the provider, if the installation has one; nothing is asked of it yet."""
    config = app.config["PROM"]
    if not config.oidc_issuer:
        return
    from authlib.integrations.flask_client import OAuth

    issuer = config.oidc_issuer.rstrip("/")
    OAuth(app).register(
        "provider",
        client_id=config.oidc_client_id,
        client_secret=config.oidc_client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": SCOPE,
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )


def name():
    """What the provider is called on pages; None where there is none."""
    config = current_app.config["PROM"]
    return config.oidc_name if config.oidc_issuer else None


def send_there(back):
    """A redirect to the provider, which comes back to an address of ours."""
    with _Asking():
        return _client().authorize_redirect(back)


def come_back():
    """Whom the provider vouches for in this request, its signature checked."""
    with _Asking():
        claims = _client().authorize_access_token()["userinfo"]
        checked = claims.get("email_verified") is True
        email = str(claims.get("email") or "").strip().lower()
        subject = f"{claims['iss']} {claims['sub']}"
        return Person(subject, email if checked else "")


def find(session, person):
    """The account of somebody whom the provider vouches for, tied to them from now on.

    Commits. Raises NotKnownHere where there is none, it is disabled, or it is tied to
    somebody else of the provider.
    """
    user = session.scalar(select(StaffUser).filter_by(provider_subject=person.subject))
    if user is None and person.email:
        user = _tied(session, person)
    if user is None or not user.active or user.is_demonstration:
        told = {"actor": "unknown", "action": "staff.provider_refused"}
        audit.record(session, **told, subject=user)
        session.commit()
        raise NotKnownHere()
    return user


def _tied(session, person):
    """The account of this address, if nobody else of the provider has it."""
    user = session.scalar(select(StaffUser).where(StaffUser.has_address(person.email)))
    if user is None or not user.active or user.is_demonstration:
        return user
    taken = session.execute(
        update(StaffUser)
        .where(StaffUser.id == user.id, StaffUser.provider_subject.is_(None))
        .values(provider_subject=person.subject)
    )
    if taken.rowcount != 1:
        return None
    told = {"actor": user, "action": "staff.provider_linked"}
    audit.record(session, **told, subject=user)
    session.commit()
    return user


def _client():
    return current_app.extensions["authlib.integrations.flask_client"].provider


class _Asking:
    """What fails at the provider, or in what it says, is one error of ours."""

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, _):
        from authlib.common.errors import AuthlibBaseError
        from joserfc.errors import JoseError
        from requests import RequestException

        theirs = (AuthlibBaseError, JoseError, RequestException, KeyError, ValueError)
        if isinstance(problem, theirs):
            raise ProviderFailed() from problem
