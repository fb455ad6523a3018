"""How a command says that it did nothing, and why."""

import click


class Refused(click.ClickException):
    """One line on standard error, and exit code 2."""

    exit_code = 2
