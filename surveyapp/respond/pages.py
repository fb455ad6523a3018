"""The blueprints of this folder, with the views of each loaded."""

from . import (  # noqa: F401
    about,
    adaptive_views,
    blueprint,
    closing,
    display,
    entry,
    opening,
    views,
)

BLUEPRINTS = (entry.bp, blueprint.bp, display.bp, about.bp)
