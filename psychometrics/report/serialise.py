"""A report as plain values: what JSON can hold, with nothing rounded."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from . import ValidationReport
    from .document import Outcome, Section


def as_plain(
    report: ValidationReport,
) -> dict[
    str,
    list[dict[str, list[str] | dict[str, str] | int | str | None]]
    | dict[str, dict[str, str] | int | str],
]:
    """The cover, properties, verdicts, tables and figures' numbers, for machines."""
    return {
        "cover": asdict(report.cover),
        "properties": records(report.by_property()),
        "sections": [_section(section) for section in report.sections],
    }


def _section(
    section: Section,
) -> dict[
    str,
    list[dict[str, Outcome | str] | str]
    | dict[str, list[dict[str, str]] | dict[str, list[str] | str] | int | str]
    | str
    | None,
]:
    return {
        "key": section.key,
        "title": section.title,
        "measures": section.measures,
        "plain": section.plain,
        "adequacy": asdict(section.adequacy) if section.adequacy else None,
        "verdicts": [asdict(verdict) for verdict in section.verdicts],
        "tables": {t.name: records(t.frame) for t in section.tables},
        "figures": {
            f.name: {"alt": f.alt, "data": None if f.data is None else records(f.data)}
            for f in section.figures
        },
        "notes": list(section.notes),
    }


def records(frame: pd.DataFrame) -> list[dict[str, float | str | None]]:
    """The rows of a frame as dicts of numbers, text, True, False and None."""
    rows = frame.reset_index().to_dict("records")
    return [{str(k): plain_value(v) for k, v in row.items()} for row in rows]


def plain_value(value: float | str | None) -> float | str | None:
    """A value that JSON can hold: no NaN, no infinity, no NumPy type."""
    if isinstance(value, (tuple, list)):
        return [plain_value(part) for part in value]
    if value is None or pd.isna(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, (bool, int, float)) else str(value)
