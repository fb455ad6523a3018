"""Posters and cards for an open link: a square code, an address and a code to type.

Only hashes of secrets are kept, so each print makes a link and a code of its own for
the same way in; what hangs on a wall already goes on until that way in is closed.
"""

from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from .. import audit, print_files
from ..addresses import address_of
from ..assessments.labels import PERSPECTIVES
from ..database import let_go
from ..errors import InvalidAnswers, NotFound
from ..links import code_hash, grouped, new_code, new_token, token_hash
from ..models import Invitation, InvitationToken
from ..square_codes import square
from ..typesetting import to_pdf

SIZES = {"poster": "A poster, A4", "cards": "Cards, eight on a page of A4"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def print_poster(session, campaign, invitation_id, size, *, actor, now, anyway=False):
    """Keep a tagged PDF of one open link, with a link and code made for it. Commits.

    Raises
    ------
    NotFound
        Where the campaign has no such link that is still open.
    InvalidAnswers
        For a size that there is not, or where the address would open on this computer
        alone and nobody said that this is meant (`anyway`).
    """
    invitation = session.scalar(
        select(Invitation).filter_by(
            id=invitation_id, campaign_id=campaign.id, is_open=True
        )
    )
    if invitation is None or invitation.status == "cancelled":
        raise NotFound()
    if size not in SIZES:
        raise InvalidAnswers({"poster": "Choose a poster or cards"})
    if opens_here_alone() and not anyway:
        raise InvalidAnswers({"poster": _here_alone()})
    token, code = new_token(), new_code()
    said = words(campaign, address_of("entry.link", token=token), grouped(code), size)
    let_go(session)  # nothing is held while it is set
    pdf = to_pdf("campaigns/poster.typ", said, date=now.date())
    session.refresh(invitation, with_for_update=True)
    if invitation.status == "cancelled":  # closed while it was set
        raise NotFound()
    key = current_app.config["PROM"].derived_key("codes")
    invitation.tokens.append(
        InvitationToken(
            token_hash=token_hash(token), short_code_hash=code_hash(code, key)
        )
    )
    done = {"action": "poster.printed", "subject": campaign, "size": size}
    audit.record(session, actor=actor, **done)
    made = print_files.keep(
        session, campaign, "posters", pdf, 1, now=now, of=invitation_id
    )
    session.commit()
    return made


def opens_here_alone():
    """Whether addresses lead to this computer, which no phone can reach."""
    return urlsplit(address_of("entry.front")).hostname in LOOPBACK


def _here_alone():
    return (
        f"The address {address_of('entry.front')} opens on this computer alone. Set "
        "PROM_BASE_URL to the address that people can reach, or say that you want it so"
    )


def words(campaign, link, code, size):
    """What stands on the paper."""
    named = [PERSPECTIVES[name].many.lower() for name in campaign.perspectives]
    people = f"{', '.join(named[:-1])} and {named[-1]}" if named[1:] else named[0]
    return {
        "size": size,
        "trust": campaign.trust.name,
        "title": campaign.public_title,
        "for_whom": f"For {people} in mental health services",
        "scan": "Point the camera of your phone at the square",
        "or_type": f"Or go to {address_of('entry.front')} and type",
        "code": code,
        "square": square(link, "m"),
        "alt": f"Square code that opens the survey; or type {code} at the address",
        "choice": "Taking part is your choice. It does not change your care.",
        "paper": "You can ask staff for a paper form, or for somebody to help you.",
    }
