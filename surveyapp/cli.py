"""Gathers each feature's commands under `prom`."""

import click
from flask.cli import FlaskGroup

from . import create_app
from .research.commands import validate


@click.group(cls=FlaskGroup, create_app=create_app, add_default_commands=False)
def main():
    """Run and look after the care planning survey."""


main.add_command(validate)


def init_app(app):
    """Nothing is bound yet."""
