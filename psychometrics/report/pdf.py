"""The same report on paper: tagged PDF/UA by typst, figures with their alternatives."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING

from .html import cell, heading

if TYPE_CHECKING:
    import pandas as pd

    from . import ValidationReport

_MEMORY = 10  # documents for which typst keeps what an earlier one may share


def render_pdf(report: ValidationReport) -> bytes:
    """Return the whole report as the bytes of a tagged PDF (PDF/UA-1)."""
    import typst
    from matplotlib import get_data_path

    source = (files(__package__) / "template.typ").read_bytes()
    pdf = typst.compile(
        source,
        format="pdf",
        sys_inputs={"report": json.dumps(_plain(report))},
        pdf_standards=["ua-1"],
        font_paths=[f"{get_data_path()}/fonts/ttf"],
        ignore_system_fonts=True,
    )
    _free_memory()
    return pdf


def _free_memory() -> None:
    """Let typst free what it laid out, which it keeps for its next ten documents.

    No other report shares any of it: ten large ones would hold a gigabyte.
    """
    import typst

    empty = typst.Compiler(ignore_system_fonts=True)
    for _ in range(_MEMORY + 1):
        empty.compile(b"", format="svg")


def _plain(
    report: ValidationReport,
) -> dict[
    str,
    list[dict[str, list[str] | dict[str, str] | str | None]]
    | dict[str, list[list[str] | str] | dict[str, str] | int | str],
]:
    """The report as nested lists and text, all that the template may see."""
    at_a_glance = _grid(report.to_frame(), 2)
    properties = _grid(report.by_property(), 2)
    sections = [
        {
            "title": section.title,
            "plain": section.plain,
            "adequacy": asdict(section.adequacy) if section.adequacy else None,
            "verdicts": [asdict(verdict) for verdict in section.verdicts],
            "tables": [
                {"caption": t.caption, **_grid(t.frame, t.digits)}
                for t in section.tables
            ],
            "figures": [
                {"caption": f.caption, "alt": f.alt, "svg": f.svg()}
                for f in section.figures
            ],
            "notes": list(section.notes),
        }
        for section in report.sections
    ]
    return {
        "cover": asdict(report.cover),
        "properties": properties,
        "glance": at_a_glance,
        "sections": sections,
    }


def _grid(
    frame: pd.DataFrame, digits: int
) -> dict[str, list[list[str]] | list[str] | list[bool]]:
    head = [heading(name) for name in (frame.index.name, *frame.columns)]
    rows = [
        [
            str(row[0]),
            *(
                cell(value, digits, column)
                for value, column in zip(row[1:], frame.columns)
            ),
        ]
        for row in frame.itertuples(name=None)
    ]
    numbers = [False, *(kind.kind in "if" for kind in frame.dtypes)]
    return {"head": head, "rows": rows, "numbers": numbers}
