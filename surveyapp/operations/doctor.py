"""What is wrong with an installation, and what to do: everything at once.

No check needs another to have gone well, or the application to start.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from .. import assets, proxy_notice, schema_version, sqlite_log
from ..config import Config
from ..models import AuditEvent
from ..plurals import counted
from . import health, key_rotation, unreachable
from .health import Health, Stored

# Read from the environment without being a setting of Config.
BESIDE = {"PROM_SECRETS_FILE"}
LATE = timedelta(minutes=15)  # for a job that is due
BACKUP_AGE = timedelta(days=2)
AHEAD = timedelta(minutes=5)  # of the newest event, before the clock is in doubt
OK, NOTE, WRONG = "ok", "note", "wrong"
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
GROUPS_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `words` say what is wrong and what to do."""

    how: str
    part: str
    words: str


def examine(environ, *, now: datetime) -> Iterator[Finding]:
    """Look at everything, the settings first."""
    config, problems = Config.read(environ)
    yield from _each("settings", problems, "every setting can be used")
    yield from unknown_settings(environ)
    yield from proxies(config)
    yield from _modes(config)
    yield from _folders(config)
    yield from _disk(config)
    yield from _backup_key(config)
    yield from _database(config, now)


def _each(part: str, problems: list[str], otherwise: str) -> Iterator[Finding]:
    if not problems:
        yield Finding(OK, part, otherwise)
    for problem in problems:
        yield Finding(WRONG, part, problem)


def unknown_settings(environ) -> Iterator[Finding]:
    """Names in the environment that look like settings, and are none."""
    known = {f"PROM_{field.name.upper()}" for field in fields(Config)} | BESIDE
    for name in sorted(environ):
        if name.startswith("PROM_") and name not in known:
            yield Finding(NOTE, "settings", f"{name} is no setting: nothing reads it")


def proxies(config: Config) -> Iterator[Finding]:
    if config.over_tls and not config.proxies:
        words = (
            "PROM_PROXIES is 0 in production: all requests seem to come from the "
            "proxy, and one person's wrong codes slow everybody down; set how many "
            "stand in front"
        )
        yield Finding(WRONG, "proxies", words)
    elif proxy_notice.is_unknown(config):
        yield Finding(WRONG, "proxies", proxy_notice.WORDS)
    elif config.is_local and config.proxies:
        words = (
            "PROM_PROXIES is set, but PROM_ENVIRONMENT is local: whoever comes through "
            "a proxy is refused; set PROM_ENVIRONMENT=production"
        )
        yield Finding(WRONG, "proxies", words)
    else:
        yield Finding(OK, "proxies", f"{config.proxies} in front")


def _modes(config: Config) -> Iterator[Finding]:
    """Whether anybody else on this machine can read what is kept here."""
    problems = [
        f"{path} can be read by others: chmod {_mode(path)} {path}"
        for path in _private(config)
        if path.exists() and path.stat().st_mode & GROUPS_AND_OTHERS
    ]
    yield from _each("file modes", problems, "this user alone reads secrets and data")


def _mode(path: Path) -> str:
    return "700" if path.is_dir() else "600"


def _private(config: Config) -> Iterator[Path]:
    yield config.instance
    yield config.instance / "secrets.json"
    yield from sorted(config.instance.glob("*.sqlite*"))
    if config.report_folder:
        yield Path(config.report_folder)


def _folders(config: Config) -> Iterator[Finding]:
    """Whether what is written outside the database can be."""
    wanted = [config.instance, config.report_folder and Path(config.report_folder)]
    told = [_folder_problem(Path(folder)) for folder in wanted if folder]
    yield from _each("folders", [*filter(None, told)], "can be written")
    if config.bank_folder and not config.own_bank.is_dir():
        words = (
            f"PROM_BANK_FOLDER {config.own_bank} is not there: no own forms are read"
        )
        yield Finding(NOTE, "folders", words)
    if not assets.is_complete(assets.folder_of(config.instance)):
        words = "the look of the pages is not here: run `prom assets`"
        yield Finding(WRONG, "look", words)


def _folder_problem(folder: Path) -> str | None:
    if folder.is_file():
        return f"{folder} is a file: name a folder"
    if not _can_write(folder):
        return f"{folder} cannot be written: let this user own it"
    return None


def _can_write(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _disk(config: Config) -> Iterator[Finding]:
    free = health.free_bytes(config.instance)
    words = f"{free / 2**30:.1f} GB are free where the instance folder is"
    if free < health.LOW:
        yield Finding(WRONG, "disk", f"only {words}: make room")
    else:
        yield Finding(OK, "disk", words)


def _backup_key(config: Config) -> Iterator[Finding]:
    if not config.backup_key:
        words = (
            "PROM_BACKUP_KEY is missing, without which `prom backup` makes none: run "
            "`prom init`, which adds one to secrets.json"
        )
        yield Finding(NOTE, "backup", words)


def _database(config: Config, now: datetime) -> Iterator[Finding]:
    if (missing := _missing_file(config)) is not None:
        words = f"{missing} is not there yet: run `prom migrate`"
        yield Finding(WRONG, "database", words)
        return
    found = Health(stored=_look(config, now), disk_free=0, at=now)
    if found.stored.pending and found.database == health.AWAY:
        pass  # it answered, and has no tables to store a row in
    elif found.database == health.WRITABLE:
        yield Finding(OK, "database", "a row can be stored")
    else:
        yield Finding(WRONG, "database", _not_writable(config, found.database))
    if found.stored.pending is None:
        return
    if found.stored.pending:
        behind = schema_version.describe([*found.stored.pending])
        yield Finding(WRONG, "migrations", behind)
        return
    yield Finding(OK, "migrations", "the tables are those of this version")
    yield from _background(found)
    yield from _inside(config, now)


def _not_writable(config: Config, state: str) -> str:
    if state == health.AWAY and (said := unreachable.why(config.url)):
        return f"the database is away: {said}"
    return (
        f"the database is busy, full or stopped ({state}): look at its server, its "
        "disk and DATABASE_URL"
    )


def _missing_file(config: Config) -> Path | None:
    """SQLite's file, where there is none: asking would make an empty one."""
    scheme, _, path = config.url.partition(":///")
    return Path(path) if scheme == "sqlite" and not Path(path).exists() else None


def _look(config: Config, now: datetime) -> Stored:
    try:
        return health.look(config.url, now=now)
    except Exception:  # an address that names no database, or no driver
        return Stored(database="its address cannot be used")


def _background(found: Health) -> Iterator[Finding]:
    if found.worker != "alive":
        words = (
            "no worker said within a minute that it is alive: no figure is let out and "
            "nothing is deleted in time; start `prom work`, or a timer for "
            "`prom work --once`"
        )
        yield Finding(WRONG, "worker", words)
    else:
        yield Finding(OK, "worker", "alive")
    due = found.stored.due_since
    if due is not None and found.at - due > LATE:
        words = f"a job has waited since {due:%Y-%m-%d %H:%M} UTC: no worker takes it"
        yield Finding(WRONG, "jobs", words)
    if failed := (found.stored.jobs or {}).get("failed"):
        yield Finding(NOTE, "jobs", f"{failed} failed; the log says of each where")


def _inside(config: Config, now: datetime) -> Iterator[Finding]:
    """What the database tells about itself, the clock and the last backup."""
    engine = health.engine_for(config.url)
    try:
        with engine.connect() as connection:
            yield from _durability(connection)
            yield from _in_clear(connection)
            yield from _deleted(connection)
            yield from _keys(config, connection)
            newest = select(AuditEvent.at).order_by(AuditEvent.id.desc()).limit(1)
            yield from _clock(connection.scalar(newest), now)
            backups = newest.where(AuditEvent.action == "backup.made")
            yield from _backup(connection.scalar(backups), now)
    except SQLAlchemyError:
        yield Finding(NOTE, "database", "it did not say how it is set")
    finally:
        engine.dispose()


def _durability(connection) -> Iterator[Finding]:
    if connection.dialect.name != "postgresql":
        return
    for name, wanted in DURABLE.items():
        shown = connection.exec_driver_sql(f"SHOW {name}").scalar()
        if shown != wanted:
            words = (
                f"{name} is {shown} on the server: an acknowledged answer can be "
                f"lost with the machine; set it to {wanted}"
            )
            yield Finding(WRONG, "durability", words)
    if connection.exec_driver_sql("SHOW log_error_verbosity").scalar() != "terse":
        words = "set log_error_verbosity = terse, or the server's log repeats keys"
        yield Finding(NOTE, "database", words)


def _in_clear(connection) -> Iterator[Finding]:
    if n := key_rotation.n_in_clear(connection):
        words = (
            f"{counted(n, 'value')} in clear, from before addresses of staff, comments "
            "and receipts were encrypted: run `prom keys rotate` once no server of the "
            "version before is left"
        )
        yield Finding(WRONG, "encryption", words)


def _deleted(connection) -> Iterator[Finding]:
    """Whether what was deleted still stands beside the database."""
    last = connection.execute(sqlite_log.LAST_NOTE).first()
    if last is not None and last.action == sqlite_log.KEPT:
        words = (
            f"since {last.at:%Y-%m-%d %H:%M} UTC others were reading whenever SQLite's "
            "log (-wal) was to be emptied, and what was deleted or changed may stand "
            "in it: run `prom keys rotate` when it is quiet"
        )
        yield Finding(WRONG, "log", words)


def _keys(config: Config, connection) -> Iterator[Finding]:
    """Whether the keys are those by which this database was written."""
    try:
        shut = key_rotation.unopened(config, connection)
    except (IndexError, ValueError):  # told among the settings
        return
    if shut:
        words = (
            f"no key opens what is stored, in {', '.join(shut)}: these are not the "
            "keys of this database, or one is missing; put it at the end of "
            "PROM_FIELD_KEYS, from the copy of secrets.json that is kept apart"
        )
        yield Finding(WRONG, "keys", words)
    else:
        yield Finding(OK, "keys", "what is stored can be opened")


def _clock(newest: datetime | None, now: datetime) -> Iterator[Finding]:
    if newest is not None and newest - now > AHEAD:
        words = (
            f"the newest event of the audit is of {newest:%Y-%m-%d %H:%M} UTC, "
            "which is still to come: set this machine's clock"
        )
        yield Finding(WRONG, "clock", words)


def _backup(newest: datetime | None, now: datetime) -> Iterator[Finding]:
    if newest is None:
        words = "none was made by `prom backup`: see that something else makes them"
        yield Finding(NOTE, "backup", words)
    elif now - newest > BACKUP_AGE:
        words = f"the last is of {newest:%Y-%m-%d}: let a timer run `prom backup` daily"
        yield Finding(WRONG, "backup", words)
    else:
        yield Finding(OK, "backup", f"the last is of {newest:%Y-%m-%d %H:%M} UTC")
