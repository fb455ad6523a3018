"""Which passwords are refused: short ones, common ones, and guessable patterns."""

import re

from flask import current_app
from flask_security import PasswordUtil

TOO_COMMON = (
    "This password is easy to guess. Three words that do not belong together"
    " make a good one."
)
# What lists of leaked passwords hold most, once digits and signs are taken off.
COMMON = frozenset(
    """password passwort letmein welcome qwerty qwertyuiop asdfghjkl zxcvbnm iloveyou
    administrator changeme trustno superman sunshine princess football liverpool
    chelsea arsenal manchester london england monkey dragon master shadow michael
    charlie baseball starwars computer internet whatever freedom secret mustang
    summer winter spring autumn january february march april may june july august
    september october november december monday friday hospital nurse doctor nhs
    nhsnhs qwertyqwerty passwordpassword letmeinplease iloveyouforever adminadmin
    welcomewelcome correcthorsebatterystaple""".split()
)
SIGNS = "0123456789!?.,-_*#@$ "
LETTERS = str.maketrans("013457@$!", "oleastasi")
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)


class StaffPasswords(PasswordUtil):
    """Length is checked by Flask-Security; the rest needs no network."""

    def validate(self, password, is_register, **kwargs):
        problems, normal = super().validate(password, is_register, **kwargs)
        user = kwargs.get("user")
        own = [current_app.config["PROM"].service_name]
        own += [user.name, user.email.partition("@")[0]] if user else []
        if not problems and is_guessable(normal, own):
            problems = [TOO_COMMON]
        return problems, normal


def is_guessable(password, own_words=()):
    """Whether a password is common, a pattern, or made of the person's own words."""
    plain = password.lower()
    letters = {_letters(plain), _letters(plain.strip(SIGNS).translate(LETTERS))}
    mine = [word for word in map(_letters, map(str.lower, own_words)) if len(word) > 3]
    return (
        len(set(plain)) < 5
        or bool(letters & COMMON)
        or any(not core.replace(word, "") for word in mine for core in letters)
        or _is_repeated(plain)
        or _mostly_runs(plain)
    )


def _letters(text):
    return re.sub(r"[^a-z]", "", text)


def _is_repeated(text):
    return re.fullmatch(r"(.{1,6})\1+.?", text) is not None


def _mostly_runs(text):
    """Whether three quarters of the neighbours are neighbours on a keyboard too."""
    pairs = [a + b for a, b in zip(text, text[1:])]
    runs = [p for p in pairs if any(p in row or p[::-1] in row for row in ROWS)]
    return len(runs) >= 0.75 * len(pairs)
