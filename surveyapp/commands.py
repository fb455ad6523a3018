"""`prom init`, `migrate`, `demo`, `serve`, and `up`, which is all of them."""

import os
from pathlib import Path

import click

from .context import Refused, with_app

WORKER = click.option(
    "--worker/--no-worker",
    "with_worker",
    default=True,
    help="Also start `prom work` beside it?",
)
PORT = click.option("--port", default=8000, show_default=True, envvar="PORT")


def instance():
    return Path(os.environ.get("PROM_INSTANCE", "instance"))


@click.command()
def init():
    """Write the secrets of a new installation; those that exist stay."""
    path = instance() / "secrets.json"
    from .config import write_secrets

    existed = path.exists()
    written = write_secrets(path)
    if existed and written:
        click.echo(f"Added {', '.join(written)} to {path}")
    else:
        click.echo(f"{'Kept' if existed else 'Wrote'} {path}")


@click.command("assets")
def fetch_assets():
    """Bring the look of the pages, once; `prom up` does so by itself.

    It is nhsuk-frontend, from the npm registry through npm, whose archive must have
    the digest that is written here. Without npm, pip brings one for a moment.
    """
    click.echo(f"The look of the pages is in {bring_look()}")


@click.command()
@click.option("--to", default="head", help="A revision, or head for the newest.")
@with_app
def migrate(to):
    """Bring the database's tables up to date, or to a revision before or after."""
    migrate_to(to)
    newest = "up to date" if to == "head" else f"those of {to}"
    click.echo(f"The tables are {newest}.")


@click.command()
@with_app
def demo():
    """Make the demonstration trust with its made-up answers, once."""
    make_demo()
    click.echo("The demonstration trust is there.")


@click.command()
@PORT
@click.option("--workers", default=2, show_default=True)
@WORKER
@with_app
def serve(port, workers, with_worker):
    """Serve on 127.0.0.1 with gunicorn; a proxy in front speaks to the world."""
    remember_port(port)
    run_server(port, workers, with_worker)


@click.command()
@PORT
@click.option(
    "--demo/--empty",
    "with_demo",
    default=None,
    help="Made-up answers? Asked at the first start, where somebody can be.",
)
@click.option("--workers", default=2, show_default=True)
@click.pass_context
def up(ctx, port, with_demo, workers):
    """Set up what is missing, say what to open, and serve on this machine."""
    from . import serving

    problem = serving.port_problem(port)
    if problem:
        raise Refused(problem)
    ctx.invoke(init)
    bring_look()
    _up(port, with_demo, workers)


@with_app
def _up(port, with_demo, workers):
    migrate_to("head")
    from . import first_start, serving

    remember_port(port)
    with_demo = first_start.wants_demonstration(with_demo)
    if with_demo:
        make_demo()
    for line in serving.what_to_open(with_demo):
        click.echo(line)
    run_server(port, workers)


def bring_look():
    """The folder of the look's files, fetched if they are not there and right."""
    from . import assets

    folder = assets.folder_of(instance())
    if not assets.is_complete(folder):
        click.echo("Fetching the look of the pages (once) ...")
        assets.fetch(folder)
    return folder


def migrate_to(revision):
    import logging

    import flask_migrate
    from flask import current_app

    from . import schema_version

    logging.getLogger("alembic").setLevel(logging.WARNING)
    current_app.config["PROM"].instance.mkdir(parents=True, exist_ok=True)
    if schema_version.is_before(revision):
        flask_migrate.downgrade(revision=revision)
    else:
        flask_migrate.upgrade(revision=revision)


def make_demo():
    from flask import current_app

    from . import demo as demonstration
    from .database import utc_now
    from .errors import ConfigurationError
    from .extensions import db

    config = current_app.config["PROM"]
    if config.over_tls:
        raise ConfigurationError("made-up answers have no place in production")
    key = config.derived_key("demonstration")
    demonstration.build(db.session, now=utc_now(), link_key=key)


def remember_port(port):
    from flask import current_app

    current_app.config["PROM"].remember_port(port)


def run_server(port, workers, with_worker=True):
    from flask import current_app

    from . import assets, serving

    app = current_app._get_current_object()
    if not assets.is_complete(assets.folder_of(app.config["PROM"].instance)):
        raise Refused("the look of the pages is not here: run `prom assets`")
    serving.run(app, port, workers, with_worker=with_worker)


@click.command()
@click.argument("language")
@with_app
def texts(language):
    """List the pages' own texts that a language's catalogue still lacks, as YAML."""
    from flask import current_app

    from .catalogues import missing

    click.echo(missing(current_app, language), nl=False)


COMMANDS = (init, fetch_assets, migrate, demo, serve, up, texts)
