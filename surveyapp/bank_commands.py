"""`prom bank`: the commands of the bank, with this installation's forms beside it."""

import os
import sys

import click

from .config import own_bank

NAMES = {
    "check": "Every problem of the bank, with file and place.",
    "list": "One line for each item, or of another kind.",
    "show": "One record, with its grounds.",
    "publish-form": "Write a form of the items that an analysis keeps.",
    "publish-calibration": "Write item parameters that an analysis estimated.",
    "publish-adaptive": "Write an adaptive form from a calibration.",
}


class BankCommand(click.Command):
    """Hands on what was typed: the bank's own parser knows the options."""

    def __init__(self, name, help):
        typed = click.Argument(["typed"], nargs=-1, type=click.UNPROCESSED)
        passing = {"ignore_unknown_options": True}
        super().__init__(name, passing, params=[typed], help=help, callback=self.run)

    def run(self, typed):
        from . import bank

        folder = own_bank(
            os.environ.get("PROM_BANK_FOLDER"),
            os.environ.get("PROM_INSTANCE", "instance"),
        )
        sys.exit(bank.run_command(folder, [self.name, *typed]))

    def get_help(self, context):
        from . import bank

        return bank.help_of(self.name)


@click.group()
def bank():
    """The item bank, and the forms and calibrations of this installation."""


for name, says in NAMES.items():
    bank.add_command(BankCommand(name, says))

COMMANDS = (bank,)
