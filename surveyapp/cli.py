"""Gathers each feature's commands under `prom`."""

import click

from . import bank_commands, commands, logs
from .admin import commands as admin
from .campaigns import commands as campaigns
from .characters import first_refused
from .context import refusal
from .jobs import commands as jobs
from .paper import printing_commands as printing
from .research.exports import commands as exports
from .research.files import commands as validation
from .research.files import shortening_commands as shortening


class Commands(click.Group):
    """Commands that take no argument which could not be kept, and end in one line."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except Exception as problem:
            raise refusal(problem) from None

    def make_context(self, info_name, args, *others, **options):
        for number, argument in enumerate(args, start=1):
            if refused := first_refused(argument):
                raise click.UsageError(
                    f"argument {number} holds the character {refused}"
                )
        return super().make_context(info_name, args, *others, **options)


@click.group(cls=Commands)
@click.version_option(package_name="care-planning-survey")
def main():
    """Run and look after the care planning survey, and validate its answers."""
    logs.take_over()


for feature in (
    commands,
    campaigns,
    bank_commands,
    jobs,
    printing,
    validation,
    exports,
    shortening,
    admin,
):
    for command in feature.COMMANDS:
        main.add_command(command)
