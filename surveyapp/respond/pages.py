"""The blueprints of this folder, with the views of each loaded."""

from . import about, blueprint, closing, display, entry, opening, views  # noqa: F401

BLUEPRINTS = (entry.bp, blueprint.bp, display.bp, about.bp)
