"""What the top of a staff page offers to the person who is signed in."""

from flask import request, url_for
from flask_security import current_user

ENTRIES = (
    ("Campaigns", "campaigns.index", {"coordinator"}),
    ("Paper forms", "keying.queue", {"coordinator"}),
    ("Research", "research.index", {"researcher"}),
    ("Involvement", "tracking.index", {"lead", "coordinator", "researcher"}),
    ("Administration", "admin.index", {"administrator"}),
)


def entries(user):
    """Name, endpoint and address of every page that this person may open."""
    held = set(user.role_names)
    return [
        {
            "text": text,
            "href": url_for(endpoint),
            "current": endpoint == request.endpoint,
        }
        for text, endpoint, roles in ENTRIES
        if held & roles
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
        }


NOT_STAFF = {"respond", "entry", "display", "about"}
