"""A full stop, a bracket or a word that a message put behind a link is none of it."""

import re

from flask import current_app
from werkzeug.exceptions import HTTPException

LINK = re.compile(r"/(s|r|no-more)/[\w-]{20,}", re.ASCII)
BEHIND = re.compile(r"[^\w/-]+\Z", re.ASCII)


def meant(path):
    """The path of the page that was meant by this one, or None."""
    link = LINK.match(path)
    shorter = link[0] if link else BEHIND.sub("", path)
    return shorter if shorter != path and _is_page(shorter) else None


def _is_page(path):
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return True
