"""Gathers each feature's commands under `prom`."""

import click

from . import bank_commands, commands
from .admin import commands as admin
from .campaigns import commands as campaigns
from .jobs import commands as jobs
from .paper import printing_commands as printing
from .research import commands as research
from .research import shortening_commands as shortening


@click.group()
@click.version_option(package_name="care-planning-survey")
def main():
    """Run and look after the care planning survey, and validate its answers."""


for feature in (
    commands,
    campaigns,
    bank_commands,
    jobs,
    printing,
    research,
    shortening,
    admin,
):
    for command in feature.COMMANDS:
        main.add_command(command)
