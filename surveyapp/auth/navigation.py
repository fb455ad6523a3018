"""What the top of a staff page offers to the person who is signed in."""

from functools import partial

from flask import request, url_for
from flask_security import current_user

from .. import proxy_notice
from ..running_config import running_config
from .permissions import may_open

# In this order; whoever signs in arrives at the first that they may open.
ENTRIES = (
    ("Campaigns", "campaigns.index"),
    ("Contacts", "contacts.home"),
    ("Paper forms", "keying.queue"),
    ("Research", "research.index"),
    ("Involvement", "tracking.index"),
    ("Administration", "admin.index"),
    ("Comments", "comments.index"),
    ("Who did what", "audit.index"),
)

# Beside one another at the top of every page of one campaign.
OF_CAMPAIGN = (
    ("Campaign", "campaigns.show"),
    ("Opening and closing", "life.show"),
    ("Settings", "settings.show"),
    ("What people are told", "notices.show"),
    ("Messages", "messages.show"),
    ("Paper", "printing.show"),
    ("Who has answered", "responses.show"),
)
BESIDE = {
    *("links", "open_links", "outbox", "reminders", "thanks", "waves", "asking"),
    *("companions", "importing"),
    *(endpoint.partition(".")[0] for _, endpoint in OF_CAMPAIGN),
    "comment_readers",
}


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


def of_campaign(user, campaign):
    """Name and address of every page of a campaign that this person may open."""
    if campaign is None or request.blueprint not in BESIDE:
        return []
    return [
        {
            "text": text,
            "href": url_for(endpoint, campaign_id=campaign.id),
            "current": endpoint == request.endpoint,
        }
        for text, endpoint in OF_CAMPAIGN
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
            "of_campaign": partial(of_campaign, current_user),
            "may_open": partial(may_open, current_user),
            "to_be_mended": _to_be_mended(current_user),
        }


def _to_be_mended(user):
    """What an administrator has to know at once, or None."""
    if may_open(user, "admin.index"):
        return proxy_notice.notice(running_config(), request.environ)
    return None


NOT_STAFF = {"respond", "entry", "display", "about", "opt_out"}
