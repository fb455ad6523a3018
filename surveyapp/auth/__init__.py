"""Staff sign-in, second factor and sessions, on Flask-Security.

`access` says who may enter where, `sessions` keeps what the server can end,
`links` signs in once, `passwords` and `forms` refuse what is weak or guessed, and
`known_browsers` are where nobody else can hold somebody up.
"""

from flask_security import Security

from ..extensions import db
from ..models import RoleGrant, StaffUser
from . import access, identities, navigation, provider, sessions, setting_up
from .datastore import Accounts
from .forms import FORMS
from .freshness import AGAIN_AFTER, GRACE
from .loopback import only_this_machine
from .passwords import StaffPasswords
from .recovery_codes import N_CODES, HashedRecoveryCodes
from .second_factor import SingleUseCodes

security = Security(
    password_util_cls=StaffPasswords,
    totp_cls=SingleUseCodes,
    mf_recovery_codes_util_cls=HashedRecoveryCodes,
)
PAGES = {
    "LOGIN_URL": "/staff/sign-in",
    "LOGOUT_URL": "/staff/sign-out",
    "LOGOUT_METHODS": ["POST"],
    "CHANGE_URL": "/staff/password",
    "VERIFY_URL": "/staff/confirm",
    "TWO_FACTOR_SETUP_URL": "/staff/second-factor",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/staff/code",
    "TWO_FACTOR_RESCUE_URL": "/staff/code/help",
    "TWO_FACTOR_SELECT_URL": "/staff/code/choose",
    "MULTI_FACTOR_RECOVERY_URL": "/staff/code/recovery",
    # Theirs, which would show kept codes again; `own_account` has ours.
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/staff/code/recovery/made",
    "POST_LOGIN_VIEW": "/staff/",
    "POST_LOGOUT_VIEW": "/staff/sign-in",
    "POST_CHANGE_VIEW": "/staff/",  # a newcomer goes on from there
    "TWO_FACTOR_POST_SETUP_VIEW": "/staff/account/",
    "STATIC_FOLDER": None,
}
RULES = {
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_LENGTH_MIN": 12,
    "RETURN_GENERIC_RESPONSES": True,
    "CHANGEABLE": True,
    "SEND_PASSWORD_CHANGE_EMAIL": False,
    "TWO_FACTOR": True,
    "TWO_FACTOR_REQUIRED": True,
    "TWO_FACTOR_ALWAYS_VALIDATE": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_RESCUE_EMAIL": False,
    # Seconds around now: this code, the one before and the next one are right.
    "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "MULTI_FACTOR_RECOVERY_CODES_N": N_CODES,
    "FRESHNESS": AGAIN_AFTER,
    "FRESHNESS_GRACE_PERIOD": GRACE,
    "API_ENABLED_METHODS": ["session"],
    "JOIN_USER_ROLES": False,
    "FLASH_MESSAGES": True,
    "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "REDIRECT_ALLOW_SUBDOMAINS": False,
}
WORDS = {
    "GENERIC_AUTHN_FAILED": "We do not know this address with this password",
    "INVALID_PASSWORD": "This is not your present password",
    "TWO_FACTOR_LOGIN_SUCCESSFUL": "You are signed in",
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": "The new authenticator is set up",
    "PASSWORD_CHANGE": "The new password is kept, and you are signed out elsewhere",
    "REAUTHENTICATION_REQUIRED": "Confirm that it is you, then go on",
    "REAUTHENTICATION_SUCCESSFUL": "Thank you. You can go on",
    "TWO_FACTOR_INVALID_TOKEN": "This code is not right, or was used before",
    "INVALID_RECOVERY_CODE": "We do not know this recovery code, or it was used before",
}


def init_app(app):
    """Let staff in by password and code, and nobody in by any other way."""
    config = app.config["PROM"]
    settings = {
        **PAGES,
        **RULES,
        "PASSWORD_SALT": config.derived_key("passwords"),
        "TOTP_SECRETS": config.totp_keys(),
        "TOTP_ISSUER": config.service_name,
    }
    app.config.update({f"SECURITY_{name}": value for name, value in settings.items()})
    for name, words in WORDS.items():
        app.config[f"SECURITY_MSG_{name}"] = (words, "info")
    security.init_app(
        app,
        Accounts(db, StaffUser, RoleGrant),
        **FORMS,
    )
    # A session that the server can end is the only way in, and a page the only answer.
    app.login_manager.request_loader(lambda _request: None)
    security.want_json(lambda _request: False)
    identities.only_of_who_signed_in(app)
    only_this_machine(app)
    sessions.init_app(app)
    access.init_app(app)
    setting_up.init_app(app, security)
    provider.init_app(app)
    navigation.init_app(app)
