"""The respondent's journey, and the pages about it that anybody may read."""

from . import closing, opening, views
from .about import bp as about
from .blueprint import bp as respond
from .entry import bp as entry

BLUEPRINTS = (entry, respond, about)
