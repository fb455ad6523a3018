"""`prom doctor`: what is wrong with this installation."""

import os

import click

from ..refused import Refused


@click.command()
def doctor():
    """Say everything that is wrong with this installation, and what to do.

    Settings, files and their modes, disk, database, migrations, worker, backups. It
    changes nothing, and ends with an error where something is wrong.
    """
    from ..database import utc_now
    from .doctor import WRONG, examine

    wrong = []
    for finding in examine(os.environ, now=utc_now()):
        click.echo(f"{finding.how:6} {finding.part:12} {finding.words}")
        if finding.how == WRONG:
            wrong.append(f"{finding.part}: {finding.words}")
    if wrong:
        raise Refused(f"wrong in {len(wrong)}: {'; '.join(wrong)}")


COMMANDS = (doctor,)
