"""`prom work`: the process that does what pages do not wait for."""

import click

from ..context import with_app
from ..plurals import counted


@click.command()
@click.option(
    "--at-once", default=1, show_default=True, help="How many jobs at the same time."
)
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@click.option("--beside", type=int, hidden=True, help="End when this process does.")
@with_app
def work(at_once, once, beside):
    """Work on what was asked for in the pages, and on what comes back by itself."""
    from flask import current_app

    from .. import schema_version
    from . import worker

    schema_version.refuse_pending()
    if once:
        done = worker.run_due()
        click.echo(f"Done: {counted(done, 'job')}.")
        return
    click.echo("Working. Stop with Ctrl-C: what is not done is taken up again.")
    worker.run(current_app._get_current_object(), at_once=at_once, parent=beside)


COMMANDS = (work,)
