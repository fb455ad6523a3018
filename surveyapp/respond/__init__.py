"""The respondent's journey, and the pages about it that anybody may read."""

from . import about, blueprint, closing, display, entry, opening, views

BLUEPRINTS = (entry.bp, blueprint.bp, display.bp, about.bp)
