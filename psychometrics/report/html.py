"""One self-contained page: accessible, printable, nothing fetched from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from importlib.resources import files
from typing import TYPE_CHECKING

import pandas as pd

from .document import Outcome

if TYPE_CHECKING:
    from . import ValidationReport


def render_html(report: ValidationReport) -> str:
    """Return the whole report as one HTML page."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["cell"] = cell
    environment.filters["data_uri"] = data_uri
    environment.filters["heading"] = heading
    environment.filters["is_outcome"] = is_outcome
    text = (files(__package__) / "template.html").read_text(encoding="utf-8")
    return environment.from_string(text).render(report=report)


def cell(value: object, digits: int = 2, column: str = "") -> str:
    """Print one value of a table: numbers to `digits`, a dash where there is none."""
    if value is None or pd.isna(value):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    if column == "p" or str(column).startswith(("p_", "p ")):
        return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
    return f"{round(value, digits) + 0.0:,.{digits}f}"


# How columns that a program names are written for readers.
WRITTEN = {
    "cfi": "CFI",
    "rmsea": "RMSEA",
    "rmsea_5": "RMSEA lower",
    "rmsea_95": "RMSEA upper",
    "srmr": "SRMR",
    "srmsr": "SRMSR",
    "change_cfi": "change of CFI",
    "change_rmsea": "change of RMSEA",
    "change_srmr": "change of SRMR",
    "s_x2": "S-X2",
    "sem": "SEM",
    "sdc": "SDC",
    "h_item": "H of the item",
    "sd": "SD",
}


def heading(name: str) -> str:
    """The name of a column for readers: abbreviations as usual, no underscores."""
    return WRITTEN.get(str(name), str(name or "").replace("_", " "))


def is_outcome(value: object) -> bool:
    """Whether a cell is a verdict: those have a sign, not a colour alone."""
    return isinstance(value, str) and value in tuple(Outcome)


def data_uri(svg: str) -> str:
    """Pack an SVG so that its ids cannot meet those of another figure."""
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()
