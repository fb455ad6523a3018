"""Writes a folder of results as a whole, or not at all."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from ...table_files.raw_table import InvalidTable
from .interrupts import held


@contextmanager
def whole_folder(out, mark):
    """Give an empty folder that takes the place of `out` once it is filled.

    A run that fails or is stopped leaves what was there before. `mark` is the file by
    which an earlier result is known, so that nothing else is ever written over.
    """
    check_replaceable(out, mark)
    out.parent.mkdir(parents=True, exist_ok=True)
    work = None
    try:
        with held():
            work = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
        folder = work / "made"
        folder.mkdir()
        yield folder
        with held(is_last=True):
            _put(folder, out, work)
    finally:
        with held():
            if work is not None:
                shutil.rmtree(work, ignore_errors=True)


def check_replaceable(out, mark):
    """Refuse to write over a folder that holds anything but an earlier result."""
    if out.exists() and any(out.iterdir()) and not (out / mark).is_file():
        raise InvalidTable(
            f"{out}: the folder holds other files; give a new one with --out"
        )


def _put(folder, out, work):
    """Set the folder in the place of an earlier one, which goes when it is there."""
    if out.exists():
        out.rename(work / "earlier")
    folder.rename(out)
