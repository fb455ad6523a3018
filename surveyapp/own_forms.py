"""Tells the bank where the installation that answers now keeps its own forms."""

from flask import current_app, has_app_context

from . import bank


def init_app(app):
    bank.look_beside(_folder)


def _folder():
    return current_app.config["PROM"].own_bank if has_app_context() else None
