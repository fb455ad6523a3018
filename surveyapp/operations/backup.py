"""`prom backup`: everything in one encrypted file, of one moment, read back at once."""

import fcntl
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from .. import audit
from ..config import Config
from ..errors import ConfigurationError, FileDamaged
from ..extensions import db
from ..software import SOFTWARE
from . import database_copies
from .sealed_files import Opening, Sealing

FORMAT = 1
MANIFEST = "manifest.json"
BANK, REPORTS = "bank/", "reports/"
ENDING = ".prombackup"
STAMP = "survey-%Y%m%dT%H%M%SZ"


def make(config: Config, folder: Path, *, now: datetime) -> tuple[Path, dict]:
    """Write a backup into a folder and read it back; its file, and what it holds.

    Others go on writing: it is of the moment at which it began. It is there under its
    own name only once it was read back whole. Those of more than PROM_BACKUP_DAYS go.
    """
    key = key_of(config)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole = folder / (now.strftime(STAMP) + ENDING)
    partial = whole.with_suffix(".partial")
    with working_folder(config) as work:
        try:
            manifest = _write(config, work, partial, key, now)
            if read(partial, key) != manifest:
                raise FileDamaged(f"{partial} is not what was written")
            partial.replace(whole)
        finally:
            partial.unlink(missing_ok=True)
    with Session(db.engine) as session:
        n = sum(manifest["counts"].values())
        audit.record(
            session, actor="system", action="backup.made", subject=None, n=n, at=now
        )
        session.commit()
    forget_old(config, folder, now=now)
    return whole, manifest


def key_of(config: Config) -> str:
    """The key of backups; ConfigurationError where there is none."""
    if not config.backup_key:
        raise ConfigurationError(
            "PROM_BACKUP_KEY is missing; `prom init` adds one to secrets.json"
        )
    return config.backup_key


def forget_old(config: Config, folder: Path, *, now: datetime) -> list[Path]:
    """Delete backups that are older than what the page about withdrawing promises."""
    gone = []
    for path in sorted(folder.glob(f"survey-*{ENDING}")):
        try:
            made = datetime.strptime(path.stem, STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue
        if now - made > timedelta(days=config.backup_days):
            path.unlink()
            gone.append(path)
    return gone


@contextmanager
def working_folder(config: Config) -> Iterator[Path]:
    """A folder that this user alone can read, and one backup or restore at a time.

    What one that was killed left goes first.
    """
    config.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (config.instance / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError("another backup or restore is at work") from None
        for left in config.instance.glob("backup-*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(
            prefix="backup-", dir=config.instance
        ) as folder:
            yield Path(folder)


def read(path: Path, key: str, into: Path | None = None) -> dict:
    """Decrypt a backup to its end and compare every part with its manifest, which
    is returned; with `into`, also put the parts there. FileDamaged where it differs.
    """
    found, manifest = {}, None
    with path.open("rb") as file, Opening(file, key) as plain:
        try:
            with tarfile.open(fileobj=io.BufferedReader(plain), mode="r|gz") as archive:
                for member in archive:
                    data = archive.extractfile(member)
                    if data is None:
                        raise FileDamaged("it holds what no backup holds")
                    if member.name == MANIFEST:
                        manifest = json.load(data)
                    else:
                        found[member.name] = _take(data, into, member.name)
            while plain.read(2**20):  # to the end, which is sealed too
                pass
        except (tarfile.TarError, EOFError, ValueError, OSError) as problem:
            raise FileDamaged(f"the backup cannot be read ({type(problem).__name__})")
    if manifest is None or manifest["format"] != FORMAT or manifest["parts"] != found:
        raise FileDamaged("the parts of the backup are not those that were written")
    return manifest


def _write(config: Config, work: Path, to: Path, key: str, now: datetime) -> dict:
    if database_copies.is_sqlite():
        told = database_copies.copy_sqlite(work / database_copies.SQLITE_FILE)
        parts = {database_copies.SQLITE_FILE: work / database_copies.SQLITE_FILE}
    else:
        told = database_copies.copy_postgresql(work)
        parts = {
            f"{database_copies.TABLES}{name}": work / name for name in told["columns"]
        }
    parts |= _files(config.own_bank, BANK)
    if config.report_folder:
        parts |= _files(Path(config.report_folder), REPORTS)
    manifest = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "software": SOFTWARE,
        **told,
        "parts": {},
    }
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "wb") as file:
        with Sealing(file, key) as sealed:
            with tarfile.open(fileobj=sealed, mode="w|gz") as archive:
                for name, path in parts.items():
                    manifest["parts"][name] = _put(archive, name, path)
                _put_text(archive, MANIFEST, json.dumps(manifest))
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _files(folder: Path, prefix: str) -> dict[str, Path]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {prefix + path.relative_to(folder).as_posix(): path for path in found}


def _put(archive: tarfile.TarFile, name: str, path: Path) -> str:
    """Add a file under a name; its SHA-256."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        member = tarfile.TarInfo(name)
        member.size = path.stat().st_size
        archive.addfile(member, file)
    return digest


def _put_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    member, data = tarfile.TarInfo(name), text.encode()
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _take(data, into: Path | None, name: str) -> str:
    """Read one part to its end, perhaps into a file; its SHA-256."""
    digest = hashlib.sha256()
    target = open(os.devnull, "wb") if into is None else _open_below(into, name)
    with target as file:
        while piece := data.read(2**20):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _open_below(folder: Path, name: str):
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise FileDamaged("a part of it leads out of its folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")
