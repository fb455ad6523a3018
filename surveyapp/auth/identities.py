"""Who somebody is to Flask-Principal, which Flask-Security brings along.

It would look for an account before each request. Most requests are of people who
answer, and have none.
"""

from flask import g, session
from flask_principal import AnonymousIdentity  # type: ignore[import-untyped]


def only_of_who_signed_in(app):
    """Let it look only where somebody has signed in; others are nobody to it."""
    hooks = app.before_request_funcs[None]
    (place,) = (n for n, hook in enumerate(hooks) if _is_principals(hook))
    look = hooks[place]

    def look_where_signed_in():
        if "_user_id" in session:
            return look()
        g.identity = AnonymousIdentity()

    hooks[place] = look_where_signed_in


def _is_principals(hook):
    return hook.__module__ == AnonymousIdentity.__module__
