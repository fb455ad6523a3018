"""Setting up an authenticator: its square code stays until a code was right."""

from functools import wraps

from flask import redirect, url_for
from flask import session as cookie
from flask_security import auth_required, current_user
from flask_security.proxies import _datastore, _security

from . import provider


def init_app(app, security):
    security.tf_token_validation_context_processor(shown_again)
    # Help by mail is not set up: what helps is a recovery code.
    app.view_functions["security.two_factor_rescue"] = with_a_recovery_code
    # Theirs answers a form with a page that a reload makes anew; ours does not.
    app.view_functions["security.mf_recovery_codes"] = to_recovery_codes
    theirs = app.view_functions["security.change_password"]
    app.view_functions["security.change_password"] = unless_by_provider(theirs)
    security.login_context_processor(lambda: {"provider_name": provider.name()})


def shown_again():
    """Picture and key of an authenticator that is being set up, after a wrong code."""
    secret = cookie.get("tf_totp_secret")
    if cookie.get("tf_state") != "validating_profile" or not secret:
        return {}
    user = (
        current_user
        if current_user.is_authenticated
        else _datastore.find_user(fs_uniquifier=cookie.get("tf_user_id", ""))
    )
    values = _security.totp_factory.fetch_setup_values(secret, user)
    return {"authr_qrcode": values["image"], "authr_key": values["key"]}


def unless_by_provider(view):
    """No password for whom the organisation signs in: it would do without a code."""

    @wraps(view)
    def choose(*args, **kwargs):
        if current_user.is_authenticated and current_user.is_by_provider_alone:
            return redirect(url_for("own_account.show"), 303)
        return view(*args, **kwargs)

    return choose


@auth_required("session")
def to_recovery_codes():
    return redirect(url_for("own_account.codes"), 303)


def with_a_recovery_code():
    return redirect(url_for("security.mf_recovery"), 303)
