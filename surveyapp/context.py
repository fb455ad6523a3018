"""Runs a command inside the application, or says in one line why it cannot."""

import functools

import click

from .errors import SurveyError


class Refused(click.ClickException):
    """One line on standard error, and exit code 2."""

    exit_code = 2


def with_app(command):
    """Give a command the application's context; domain errors become one line."""

    @functools.wraps(command)
    def inside(*args, **kwargs):
        from . import create_app

        try:
            app = create_app()
            with app.app_context():
                return command(*args, **kwargs)
        except SurveyError as problem:
            raise Refused(str(problem) or type(problem).__doc__) from problem

    return inside
