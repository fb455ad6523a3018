"""Tells the bank where the installation that answers now keeps its own forms."""

from flask import current_app, has_app_context, has_request_context, request

from . import bank

FOUND = "prom.own_forms"


def init_app(app):
    bank.look_beside(_folder)


def _folder():
    """The folder, or None where there is none; looked for once in a request."""
    if not has_request_context():
        return _looked_for()
    environ = request.environ
    found = environ.get(FOUND, environ)
    if found is environ:  # not looked for yet
        found = environ[FOUND] = _looked_for()
    return found


def _looked_for():
    folder = current_app.config["PROM"].own_bank if has_app_context() else None
    return folder if folder is not None and folder.is_dir() else None
