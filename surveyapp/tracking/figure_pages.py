"""Every page on figures; each module of views adds its addresses to the blueprint."""

from . import board_views, cut_views, item_views, score_views, team_views, views
from .figures_blueprint import bp

VIEWS = board_views, cut_views, views, item_views, score_views, team_views

__all__ = ["VIEWS", "bp"]
