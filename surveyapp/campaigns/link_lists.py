"""Lists of links that were made: to be looked at again until they are printed.

The database keeps hashes of links and codes alone; what is shown is in an encrypted
file beside it, for some days at most. A link that closes meanwhile is shown no more.
"""

import json
from dataclasses import asdict, dataclass

from flask import url_for
from sqlalchemy import select

from .. import print_files
from ..links import token_hash
from ..models import InvitationToken
from .ways_in import WayIn, is_closed


@dataclass(frozen=True)
class Shown:
    """A link on a list, and whether it still lets somebody in."""

    way: WayIn
    is_open: bool


KINDS = ("links", "open_links")


def keep(session, campaign, ways, *, now, kind="links"):
    """Keep a list of links that were made just now; the caller commits."""
    content = json.dumps([asdict(way) for way in ways]).encode()
    return print_files.keep(
        session, campaign, kind, content, len(ways), now=now, ending="json"
    )


def address_of(made):
    """Where a list is to be looked at."""
    return url_for("links.made", campaign_id=made.campaign_id, file_id=made.id)


def named(runs):
    """Each list with what it is called: its link, or the first and last of them."""
    ends = [[way.label for way in read(run.files[0])] for run in runs]
    return [
        (run, labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}")
        for run, labels in zip(runs, ends)
    ]


def let_closed_go(session, campaign, *, now):
    """Let lists go of whose links every one is closed; the caller commits."""
    session.flush()
    for made in print_files.waiting(session, campaign, *KINDS):
        if not any(each.is_open for each in shown(session, read(made.files[0]))):
            print_files.let_go(made, now)


def read(file):
    """The links of a list, in their order."""
    return [WayIn(**way) for way in json.loads(file.content)]


def shown(session, ways):
    """These links, each with whether it is open now."""
    hashes = {token_hash(way.token): way for way in ways}
    tokens = session.scalars(
        select(InvitationToken).where(InvitationToken.token_hash.in_(hashes))
    )
    there = {t.token_hash for t in tokens if _lets_in(t)}
    return [Shown(way, hashed in there) for hashed, way in hashes.items()]


def _lets_in(token):
    return token.closed_at is None and not is_closed(token.invitation)
