"""`prom doctor`, `backup`, `restore`: for whoever runs the service."""

import os
from pathlib import Path

import click

from ..context import with_app
from ..plurals import counted
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


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_app
def make_backup(folder):
    """Write everything into one encrypted file in FOLDER, and read it back.

    The database, forms of your own and kept reports, of one moment, while the service
    goes on; not the secrets. Backups in FOLDER that are older than PROM_BACKUP_DAYS
    are deleted.
    """
    from ..database import utc_now
    from ..running_config import running_config
    from . import backup

    path, manifest = backup.make(running_config(), folder, now=utc_now())
    click.echo(f"{path}: {_described(manifest)}.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only see whether it can be relied on.")
@click.option(
    "--erasures",
    "journals",
    type=click.File(errors="replace"),
    multiple=True,
    help="Withdrawals since: erasures.jsonl of each machine, or the log.",
)
@with_app
def restore(file, check, journals):
    """Put a backup back, where there is no database yet.

    With --check, put it together aside, count its rows and verify the audit's seals.
    Otherwise answers that were withdrawn since go again: what erasures.jsonl in the
    instance folder and the files of --erasures say. Sign-ins and visits are ended,
    links used up, and messages that may have been sent are not sent again.
    """
    from ..database import utc_now
    from ..running_config import running_config
    from . import erasures
    from . import restore as restoring

    config = running_config()
    if check:
        manifest = restoring.check(config, file)
        click.echo(f"{file} can be relied on: {_described(manifest)}.")
        return
    erased = _erased(config, journals)
    done = restoring.restore(config, file, erased=erased, now=utc_now())
    click.echo(f"Put back {_described(done.manifest)}.")
    click.echo(f"Withdrawn again: {done.n_erased}.")
    click.echo(f"Messages that are not sent again: {done.n_messages}.")
    if not erased:
        click.echo(
            "Nothing says who withdrew or was erased after the backup was made. If "
            "anybody was, move this database away and put it back anew with "
            f"--erasures: {erasures.FILE} of the machine that served, or its log."
        )
    click.echo("Begin a new log, and see who of the staff was disabled since.")


def _erased(config, journals):
    """Withdrawals that the journal here and the files given say."""
    from . import erasures

    own = config.instance / erasures.FILE
    told = own.read_text(encoding="utf-8").splitlines() if own.exists() else []
    return erasures.noted(told).union(*map(erasures.noted, journals))


def _described(manifest):
    rows = counted(sum(manifest["counts"].values()), "row")
    tables = counted(len(manifest["counts"]), "table")
    events = counted(manifest["events"], "event")
    return f"{rows} in {tables}, {events} of the audit, of {manifest['made_at'][:16]}"


@click.group()
def keys():
    """Change the key that encrypts personal data, while the service goes on.

    `add` a key, start every server and worker again, `rotate`, then `drop` the older
    ones and start again. Backups from before need the older keys: keep them.
    """


@keys.command()
@with_app
def add():
    """Draw a new key and put it in front of PROM_FIELD_KEYS in secrets.json."""
    from ..config import new_key
    from ..running_config import running_config

    _store(running_config(), lambda held: [new_key(), *held])
    click.echo("A new key is in front. Start every server and worker again.")


@keys.command()
@with_app
def rotate():
    """Encrypt with the newest key whatever has an older one; starts where it stopped.

    In short batches, each kept by itself. What can be read stays readable all along.
    """
    from ..database import utc_now
    from ..extensions import db
    from ..running_config import running_config
    from . import key_rotation

    done = key_rotation.rotate(running_config(), db.session, now=utc_now())
    click.echo(f"Encrypted anew: {done.done}. Had the newest key: {done.there}.")
    if done.twice:
        click.echo(
            f"There twice, and asked for by the other: {done.twice}, added by the "
            "version before; of staff, `prom staff list` shows both."
        )
    if not done.is_log_empty:
        click.echo(
            "Others were at work, so what stood in clear before is still in SQLite's "
            "log (-wal) beside the database: run this again when it is quiet."
        )
    if done.unreadable:
        raise Refused(
            f"no key opens {counted(done.unreadable, 'value')}: put the key that is "
            "missing at the end of PROM_FIELD_KEYS"
        )


@keys.command()
@with_app
def drop():
    """Take the older keys out of secrets.json, once nothing needs them."""
    from ..extensions import db
    from ..running_config import running_config
    from . import key_rotation

    config = running_config()
    if n := key_rotation.n_older(config, db.session):
        raise Refused(
            f"of {counted(n, 'value')} an older one is needed: run `prom keys rotate`"
        )
    _store(config, lambda held: held[:1])
    click.echo("The newest key is left. Start every server and worker again.")


def _store(config, change):
    """Change the field keys in the file that they were read from."""
    import json

    from ..config import store_secrets

    path = Path(os.environ.get("PROM_SECRETS_FILE") or config.instance / "secrets.json")
    if os.environ.get("PROM_FIELD_KEYS") or not path.is_file():
        raise Refused("the keys are not in a file of secrets: change PROM_FIELD_KEYS")
    stored = json.loads(path.read_text(encoding="utf-8"))
    held = stored.get("field_keys", "").split(",")
    store_secrets(path, {**stored, "field_keys": ",".join(change(held))})


COMMANDS = (doctor, make_backup, restore, keys)
