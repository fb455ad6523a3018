"""The files of a report: in the database, or in a folder where the setting says so."""

import hashlib
import io
import shutil
import zipfile
from pathlib import Path

from flask import current_app

from ...errors import FileDamaged, NotFound
from ...models import RunFile

MEDIA = {
    "report.html": "text/html",
    "report.pdf": "application/pdf",
    "report.json": "application/json",
    "verdicts.csv": "text/csv",
    "properties.csv": "text/csv",
    "tables.zip": "application/zip",
}
SAID = {
    "report.html": "The report as one page",
    "report.pdf": "The report for print (tagged PDF)",
    "report.json": "Every number, for machines (JSON)",
    "verdicts.csv": "Every criterion and its outcome (CSV)",
    "properties.csv": "Every property and its verdict (CSV)",
    "tables.zip": "Every table and figure (CSV and SVG in one archive)",
}


def keep(run, report):
    """Add the files in the folder `report` to a run, which the caller commits.

    In a folder they lie under the number of the attempt, so that what an earlier
    attempt left behind is never taken for them.
    """
    made = {name: _read(report, name) for name in MEDIA}
    place = _place(run)
    if place is not None:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True, mode=0o700)
    for name, content in made.items():
        if place is not None:
            (place / name).write_bytes(content)
        run.files.append(
            RunFile(
                name=name,
                sha256=hashlib.sha256(content).hexdigest(),
                n_bytes=len(content),
                content=content if place is None else None,
            )
        )


def content(run, name):
    """The bytes of one kept file; FileDamaged where they are not what was kept."""
    kept = next((file for file in run.files if file.name == name), None)
    if kept is None:
        raise NotFound()
    found = kept.content
    if found is None:
        try:
            found = (_place(run) / name).read_bytes()
        except (OSError, TypeError) as problem:
            raise FileDamaged(f"{name} of run {run.id} is missing") from problem
    if hashlib.sha256(found).hexdigest() != kept.sha256:
        raise FileDamaged(f"{name} of run {run.id} was changed after it was kept")
    return found


def remove(run):
    """Delete what lies in the folder; rows go with their run."""
    place = _place(run)
    if place is not None:
        shutil.rmtree(place.parent, ignore_errors=True)


def _place(run):
    """The folder of a run's files; None where they are in the database."""
    folder = current_app.config["PROM"].report_folder
    if not folder:
        return None
    return Path(folder).resolve() / f"run-{run.id}" / f"attempt-{run.job.attempts}"


def _read(report, name):
    if name != "tables.zip":
        return (report / name).read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted([*report.glob("tables/*"), *report.glob("figures/*")]):
            archive.writestr(str(path.relative_to(report)), path.read_bytes())
    return packed.getvalue()
