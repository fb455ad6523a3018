"""Gathers each feature's commands under `prom`.

Commands of the survey are there once it is installed; those that need nothing but a
file of answers or the item bank always are.
"""

import os

import click

from . import bank_commands, commands
from .admin import commands as admin
from .campaigns import commands as campaigns
from .characters import first_refused
from .contacts import commands as contacts
from .context import Refused, refusal
from .jobs import commands as jobs
from .operations import commands as operations
from .paper import printing_commands as printing
from .research.exports import commands as exports
from .research.files import commands as validation
from .research.files import shortening_commands as shortening
from .software import DISTRIBUTION, INSTALL, has_application

PRIVATE = 0o077  # of a mode, what groups and others may not
LIBRARY = ("validate", "reduce", "shorten", "bank")


class Commands(click.Group):
    """Commands that take no argument which could not be kept, and end in one line.

    What they write, and what they start writes, is readable by this user alone.
    """

    def invoke(self, ctx):
        before = os.umask(PRIVATE)
        try:
            return super().invoke(ctx)
        except Exception as problem:
            raise refusal(problem) from None
        finally:
            os.umask(before)

    def make_context(self, info_name, args, *others, **options):
        for number, argument in enumerate(args, start=1):
            if refused := first_refused(argument):
                raise click.UsageError(
                    f"argument {number} holds the character {refused}"
                )
        return super().make_context(info_name, args, *others, **options)

    def list_commands(self, ctx):
        """What can be used here, in order."""
        names = super().list_commands(ctx)
        return [name for name in names if has_application() or name in LIBRARY]

    def get_command(self, ctx, name):
        """The command; Refused where it needs what is not installed."""
        command = super().get_command(ctx, name)
        if command is not None and name not in self.list_commands(ctx):
            raise Refused(f"prom {name} needs the survey, the [app] extra: {INSTALL}")
        return command

    def format_epilog(self, ctx, formatter):
        """Say where the other commands are."""
        if not has_application():
            formatter.write_paragraph()
            formatter.write_text(
                f"Commands of the survey come with the [app] extra: {INSTALL}"
            )


@click.group(cls=Commands)
@click.version_option(package_name=DISTRIBUTION)
def main():
    """Run and look after the care planning survey, and validate its answers."""
    if has_application():
        from . import logs

        logs.take_over()


for feature in (
    commands,
    campaigns,
    contacts,
    bank_commands,
    jobs,
    operations,
    printing,
    validation,
    exports,
    shortening,
    admin,
):
    for command in feature.COMMANDS:
        main.add_command(command)
