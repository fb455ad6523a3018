"""Personal links after they were made: listed, closed one or all, printed anew.

What stands on a list is a link's own number and whether it is open: who has answered
is told of nobody, so a link that was used looks like one that was not.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import exists, select, update

from .. import audit, print_files
from ..errors import InvalidAnswers
from ..links import code_hash, grouped, new_code, new_token, token_hash
from ..models import Campaign, Invitation, InvitationToken, Message
from . import link_lists
from .ways_in import WayIn, is_closed

NOTHING = "Tick the links that are meant"
NONE_OPEN = "None of these links is open"
MOST_CHOSEN = 10_000
SHORT_RUN = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,5}))?")
IN_SHORT = re.compile(r"[0-9]{1,10}(-[0-9]{1,5})?(\.[0-9]{1,10}(-[0-9]{1,5})?)*")


@dataclass(frozen=True)
class Batch:
    """Links that were made together; `key` is what begins each of their numbers."""

    key: str
    made_at: datetime
    team: str
    links: tuple

    @property
    def n_open(self):
        return sum(not is_closed(link) for link in self.links)


def batches(session, campaign):
    """The personal links of nobody on a list, as they were made, newest first."""
    found = session.scalars(
        select(Invitation)
        .where(*_mine(campaign))
        .order_by(Invitation.created_at.desc(), Invitation.id)
    )
    together = {}
    for link in found:
        team = link.team.name if link.team else ""
        together.setdefault((_batch_of(link), team), []).append(link)
    return [
        Batch(key, links[0].created_at, team, tuple(sorted(links, key=_number)))
        for (key, team), links in together.items()
    ]


def _number(link):
    return link.id


def on_list(batches, wanted):
    """Links that a number names: a whole list, such as 3, or one link, such as 3-17."""
    wanted = wanted.strip().removeprefix("No.").strip().casefold()
    return [
        link
        for batch in batches
        for link in batch.links
        if wanted in (batch.key.casefold(), (link.label or str(link.id)).casefold())
    ]


def _mine(campaign):
    return (
        Invitation.campaign_id == campaign.id,
        Invitation.is_open.is_(False),
        Invitation.contact_id.is_(None),
        Invitation.respondent_id.is_(None),
        Invitation.paper_code_hash.is_(None),
        Invitation.promised_receipt.is_(None),
        # Whose list has been deleted since is not among the links that were made.
        ~exists().where(Message.invitation_id == Invitation.id),
    )


def name_of(link):
    """The link's number on its list, as 3-17; its own where it has none, of letters."""
    return link.label or f"No. {link.id}"


def _batch_of(link):
    """The number of the list that a link was made on; the minute where it has none."""
    return link.label.partition("-")[0] if link.label else f"{link.created_at:%F %H:%M}"


def close(session, campaign, link_ids, *, actor, now):
    """Close these links; what was answered through them stays. Commits; how many.

    How far each came stays too: shares of who answered are of all that were made.
    """
    chosen = _chosen(session, campaign, link_ids)
    for link in chosen:
        link.expires_at = now
    _let_closed_go(session, campaign, now)
    _note(session, campaign, "personal_links.closed", chosen, actor)
    return len(chosen)


def make_anew(session, campaign, link_ids, *, actor, now):
    """New links and codes in place of these, whose old ones close. Commits.

    What is returned is their list, which can be looked at until it is printed.
    """
    chosen = _chosen(session, campaign, link_ids)
    key = current_app.config["PROM"].derived_key("codes")
    old = InvitationToken.invitation_id.in_([link.id for link in chosen])
    session.execute(
        update(InvitationToken)
        .where(old, InvitationToken.closed_at.is_(None))
        .values(closed_at=now)
        .execution_options(synchronize_session=False)
    )
    made = []
    for link in chosen:
        way = WayIn(name_of(link), new_token(), grouped(new_code()))
        made.append(way)
        session.add(
            InvitationToken(
                invitation_id=link.id,
                token_hash=token_hash(way.token),
                short_code_hash=code_hash(way.code, key),
            )
        )
    listed = link_lists.keep(session, campaign, made, now=now)
    _let_closed_go(session, campaign, now)
    _note(session, campaign, "personal_links.made_anew", chosen, actor)
    return listed


def _let_closed_go(session, campaign, now):
    """Let lists and letters go of which nothing is open; the caller commits."""
    link_lists.let_closed_go(session, campaign, now=now)
    print_files.let_closed_go(session, campaign, now=now)


def in_short(link_ids):
    """Numbers of links as an address has room for them, such as 17-3.1-2.

    Each run is how far behind the one before it begins, and how many it has: a list
    of links was made at once, so that hundreds are few runs.
    """
    runs, end = [], 0
    for number in sorted({*link_ids}):
        if runs and number == end:
            runs[-1][1] += 1
        else:
            runs.append([number - end, 1])
        end = number + 1
    return ".".join(f"{gap}-{n}" if n > 1 else f"{gap}" for gap, n in runs)


def from_short(text):
    """The numbers that `in_short` wrote; none where it did not write this."""
    numbers, end = [], 0
    for run in SHORT_RUN.findall(text) if IN_SHORT.fullmatch(text) else ():
        gap, n = int(run[0]), int(run[1] or 1)
        if len(numbers) + n > MOST_CHOSEN:
            return []
        numbers += range(end + gap, end + gap + n)
        end += gap + n
    return numbers


def _chosen(session, campaign, link_ids):
    """The open ones among these links of the campaign, locked."""
    session.get(Campaign, campaign.id, with_for_update=True)
    return open_ones(session, campaign, link_ids)


def open_ones(session, campaign, link_ids):
    """The open ones among these links of the campaign; InvalidAnswers if none is."""
    if not link_ids:
        raise InvalidAnswers({"links": NOTHING})
    found = session.scalars(
        select(Invitation)
        .where(*_mine(campaign), Invitation.id.in_(link_ids))
        .order_by(Invitation.id)
    ).all()
    still_open = [link for link in found if not is_closed(link)]
    if not still_open:
        session.rollback()
        raise InvalidAnswers({"links": NONE_OPEN})
    return still_open


def _note(session, campaign, action, chosen, actor):
    audit.record(session, actor=actor, action=action, subject=campaign, n=len(chosen))
    session.commit()
