"""Runs the validation of one file of answers and keeps the report as a folder."""

import json
import shutil
import tempfile
from pathlib import Path

from psychometrics import InvalidResponses, validation_report

from .tables import InvalidTable, read_answers

__all__ = ["InvalidResponses", "keep", "validate_file"]


def validate_file(
    path,
    out,
    scales,
    *,
    reverse=(),
    categories=None,
    missing=(),
    groups=None,
    codebook=None,
    **options,
):
    """Write report.html, report.pdf, verdicts.json and tables/*.csv into `out`.

    The folder appears when everything in it is there: a run that fails or is
    stopped leaves nothing behind. Returns the folder's path.

    Raises
    ------
    InvalidTable, InvalidResponses
        When the answers cannot be used.
    """
    out = Path(out)
    _check_replaceable(out)
    items = list(dict.fromkeys(i for members in scales.values() for i in members))
    table = read_answers(
        path,
        items,
        categories=categories,
        missing=missing,
        groups=groups,
        codebook=codebook,
    )
    report = validation_report(
        table.items,
        scales=scales,
        reverse=[item for item in reverse if item in items],
        categories=categories,
        groups=table.others[groups] if groups else None,
        source=Path(path).name,
        missing_reasons=table.reasons,
        **options,
    )
    return keep(report, out)


def keep(report, out):
    """Write a report's files beside each other, all or none."""
    _check_replaceable(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".report-") as work:
        folder = Path(work) / "report"
        (folder / "tables").mkdir(parents=True)
        (folder / "report.html").write_text(report.to_html(), encoding="utf-8")
        (folder / "report.pdf").write_bytes(report.to_pdf())
        report.to_frame().to_csv(folder / "verdicts.csv")
        (folder / "report.json").write_text(json.dumps(report.to_dict(), indent=1))
        for section in report.sections:
            for table in section.tables:
                name = f"{section.key}-{table.name.lower().replace(' ', '_')}.csv"
                table.frame.to_csv(folder / "tables" / name)
        if out.exists():
            shutil.rmtree(out)
        folder.rename(out)
    return out


def _check_replaceable(out):
    """Refuse to write over a folder that holds anything but an earlier report."""
    if out.exists() and any(out.iterdir()) and not (out / "report.json").is_file():
        raise InvalidTable(
            f"{out}: the folder holds other files; give a new one with --out"
        )
