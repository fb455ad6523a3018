"""Codes of an authenticator app, each good for one sign-in."""

from flask_security import Totp


class SingleUseCodes(Totp):
    """Remembers the last step that was used; that one and older ones are refused."""

    def get_last_counter(self, user):
        return user.tf_last_step

    def set_last_counter(self, user, tmatch):
        user.tf_last_step = tmatch.counter
