"""Keeps a report as a folder of files: all of them, or none."""

import json

from ...csv_cells import frame_text
from .atomic_write import whole_folder

MARK = "report.json"


def keep(report, out, *, plan_text="", progress=None):
    """Write a report's files beside each other, all or none; return the folder.

    report.html, report.pdf, report.json (all of it, for machines), verdicts.csv,
    properties.csv, tables/*.csv, figures/*.svg with their numbers as *.csv, and the
    plan. The folder appears, or takes an earlier report's place, when everything in it
    is there: a run that fails or is stopped leaves what was there before.
    """
    with whole_folder(out, MARK) as folder:
        for subfolder in ("tables", "figures"):
            (folder / subfolder).mkdir()
        for done, (name, write) in enumerate(STEPS):
            if progress is not None:
                progress(name, done, N_STEPS)
            write(report, folder)
        if plan_text:
            (folder / "plan.yaml").write_text(plan_text, encoding="utf-8")
    return out


def _page(report, folder):
    (folder / "report.html").write_text(report.to_html(), encoding="utf-8")


def _pdf(report, folder):
    (folder / "report.pdf").write_bytes(report.to_pdf())


def _numbers(report, folder):
    _write(report.to_frame(), folder / "verdicts.csv")
    _write(report.by_property(), folder / "properties.csv")
    text = json.dumps(report.to_dict(), indent=1, allow_nan=False, ensure_ascii=False)
    (folder / MARK).write_text(text, encoding="utf-8")
    taken = set()
    for section in report.sections:
        for table in section.tables:
            name = _file_name(section.key, table.name, taken)
            _write(table.frame, folder / "tables" / f"{name}.csv")
        for figure in section.figures:
            name = _file_name(section.key, figure.name, taken)
            picture = folder / "figures" / f"{name}.svg"
            picture.write_text(figure.svg(), encoding="utf-8")
            if figure.data is not None:
                _write(figure.data, folder / "figures" / f"{name}.csv")


def _write(frame, path):
    path.write_text(frame_text(frame), encoding="utf-8")


def _file_name(section, name, taken):
    """A name that every file system takes, and that no other has."""
    text = f"{section}-{name}".lower()
    plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in text)
    name = next(
        name
        for name in (plain, *(f"{plain}_{n}" for n in range(2, 1000)))
        if name not in taken
    )
    taken.add(name)
    return name


STEPS = (("Page", _page), ("PDF", _pdf), ("Tables and figures", _numbers))
N_STEPS = len(STEPS)
