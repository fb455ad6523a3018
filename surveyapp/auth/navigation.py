"""What the top of a staff page offers to the person who is signed in."""

from functools import partial

from flask import request, url_for
from flask_security import current_user

from .permissions import may_open

ENTRIES = (
    ("Campaigns", "campaigns.index"),
    ("Paper forms", "keying.queue"),
    ("Comments", "comments.index"),
    ("Research", "research.index"),
    ("Involvement", "tracking.index"),
    ("Administration", "admin.index"),
    ("Who did what", "audit.index"),
)


def entries(user):
    """Name, endpoint and address of every page that this person may open."""
    return [
        {
            "text": text,
            "href": url_for(endpoint),
            "current": endpoint == request.endpoint,
        }
        for text, endpoint in ENTRIES
        if may_open(user, endpoint)
    ]


def init_app(app):
    @app.context_processor
    def frame():
        if request.blueprint in NOT_STAFF or not current_user.is_authenticated:
            return {}
        return {
            "staff_navigation": entries(current_user),
            "sign_out_url": url_for("security.logout"),
            "signed_in_as": current_user.name,
            "own_account_url": url_for("own_account.show"),
            "may_open": partial(may_open, current_user),
        }


NOT_STAFF = {"respond", "entry", "display", "about", "opt_out"}
