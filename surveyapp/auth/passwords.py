"""Which passwords are refused: short ones, common ones, and guessable patterns."""

from flask import current_app
from flask_security import PasswordUtil

from ..strength import is_guessable

TOO_COMMON = (
    "This password is easy to guess. Three words that do not belong together"
    " make a good one."
)


class StaffPasswords(PasswordUtil):
    """Length is checked by Flask-Security, strength by zxcvbn in our own words.

    Not by Flask-Security's setting for zxcvbn: that fails on more than 72 signs and
    hands over the account's hashes and keys as words to look for.
    """

    def validate(self, password, is_register, **kwargs):
        problems, normal = super().validate(password, is_register, **kwargs)
        if not problems and is_guessable(normal, own_words(kwargs.get("user"))):
            problems = [TOO_COMMON]
        return problems, normal


def own_words(user):
    """What somebody who knows a person and where they work tries first."""
    words = [current_app.config["PROM"].service_name]
    if user:
        words += [user.name, user.email]
        words += [grant.trust.name for grant in user.grants if grant.trust]
    return words
