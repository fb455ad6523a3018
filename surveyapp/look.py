"""Serves the look's files from where an installation has them: assets.py."""

from flask import current_app, send_from_directory

from . import assets


def init_app(app):
    """Let addresses of static files reach the look, wherever it was brought."""
    app.view_functions["static"] = static


def static(filename):
    """A file of ours, or of the look."""
    if not filename.startswith(assets.PREFIX):
        return current_app.send_static_file(filename)
    folder = assets.folder_of(current_app.config["PROM"].instance).resolve()
    age = current_app.get_send_file_max_age(filename)
    name = filename.removeprefix(assets.PREFIX)
    return send_from_directory(folder, name, max_age=age)
