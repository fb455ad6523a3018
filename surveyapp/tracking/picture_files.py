"""A chart as a file: the drawing that stands on its page, as SVG or as a PNG of it."""

from flask import render_template

from ..csv_cells import csv_text, neutral
from ..database import let_go
from ..downloads import file_of
from ..extensions import db

TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def csv_file(rows, name):
    """Rows as a CSV file, no cell of which a spreadsheet takes for a formula."""
    table = [[neutral(cell) for cell in row] for row in rows]
    return file_of(csv_text(table), "text/csv", name)


def picture_file(template, name, kind, description, **given):
    """A drawing as a file of a kind of TYPES; `description` is what it says."""
    drawn = render_template(f"tracking/{template}", is_file=True, **given)
    if kind == "png":
        from ..typesetting import to_png

        let_go(db.session)
        drawn = to_png(drawn, description)
    return file_of(drawn, TYPES[kind], f"{name}.{kind}")
