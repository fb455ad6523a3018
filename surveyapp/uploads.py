"""Files that browsers send: a view says which it takes, and how large they may be.

A view marks itself with `takes`, and `sent` is the only way to a file.
"""

import os

from flask import current_app, request

BESIDE = 2**19  # bytes of a form beside its files


def takes(**limits):
    """Mark a view that takes files: the limit of each, by the name of its field."""

    def mark(view):
        view.takes = limits
        return view

    return mark


def sent(name):
    """The file that came under a name, or None; FileRefused where it is too large."""
    limit = _taken()[name]
    file = request.files.get(name)
    if not file:
        return None
    n = file.seek(0, os.SEEK_END)
    file.seek(0)
    limit.check_size(n)
    return file


def _taken():
    view = current_app.view_functions.get(request.endpoint)
    return getattr(view, "takes", {})


def admit_body():
    """Let a request be as large as the files that its view takes, with their form.

    It stands before all else that looks at a request, or the form is read by then.
    """
    if limits := _taken().values():
        request.max_content_length = 2 * sum(each.n_bytes for each in limits) + BESIDE


def advice():
    """What to say to whoever sent more than that."""
    most = [limit.words for limit in _taken().values()]
    return f"{'. '.join(most)}." if most else ""


def init_app(app):
    app.before_request(admit_body)
