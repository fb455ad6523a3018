"""Who of a campaign's list needs no reminder, for those who telephone the others.

An answer, a no and a death look the same here, and answers show at night, of ten
people at least at a time: the list tells whom to leave in peace, and never why.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from .. import audit
from ..assessments import suppression
from ..assessments.reminders import listed
from ..calendar import LONDON
from ..models import Campaign, Contact, Invitation

SHOWN = 50
FILTERS = {
    "telephone": "To be telephoned, and in need of a reminder",
    "open": "In need of a reminder",
    "settled": "Need no reminder",
}


@dataclass(frozen=True)
class Line:
    """One person, how they can be reached, and whether to leave them in peace."""

    contact_id: int
    name: str
    telephone: str
    way: str
    needs_none: bool


def needs_none(campaign: Campaign, now: datetime):
    """The condition that a contact is to be left in peace in this campaign."""
    against = suppression.who_may_be_written_to(
        campaign.trust_id,
        now.astimezone(LONDON).date(),
        heeds_opt_out=suppression.heeds_data_opt_out(campaign),
    ).with_only_columns(Contact.id)
    marked = exists().where(
        Invitation.contact_id == Contact.id,
        Invitation.campaign_id == campaign.id,
        Invitation.needs_no_reminder,
    )
    return or_(marked, Contact.id.not_in(against))


def counts(session: Session, campaign: Campaign, *, now: datetime) -> dict[str, int]:
    """Filter -> how many people."""
    return {
        which: session.scalar(
            _asked(campaign, which, now).with_only_columns(func.count(Contact.id))
        )
        or 0
        for which in FILTERS
    }


def lines(
    session: Session, campaign: Campaign, which: str, *, now: datetime, actor: str
) -> list[Line]:
    """The first people of a filter; that they were looked at is noted. Commits."""
    asked = _asked(campaign, which, now).order_by(Contact.id).limit(SHOWN)
    found = [_line(contact, which == "settled") for contact in session.scalars(asked)]
    _note(session, campaign, "reminders.listed", len(found), actor)
    return found


def all_lines(
    session: Session, campaign: Campaign, *, now: datetime, actor: str
) -> Iterator[Line]:
    """Everybody whom the campaign asks, as for a file; that is noted too. Commits."""
    none = {*session.scalars(_asked(campaign, "settled", now).with_only_columns(ID))}
    asked = select(Contact).where(listed(campaign)).order_by(Contact.id)
    found = [_line(c, c.id in none) for c in session.scalars(asked)]
    _note(session, campaign, "reminders.got", len(found), actor)
    return iter(found)


ID = Contact.id


def _asked(campaign: Campaign, which: str, now: datetime) -> Select:
    none = needs_none(campaign, now)
    asked = select(Contact).where(listed(campaign))
    if which == "settled":
        return asked.where(none)
    asked = asked.where(not_(none))
    called = Contact.preferences["mode"].as_string() == "telephone"
    return asked.where(and_(called)) if which == "telephone" else asked


def _line(contact: Contact, needs_none: bool) -> Line:
    way = (contact.preferences or {}).get("mode") or ""
    return Line(contact.id, contact.name, contact.telephone or "", way, needs_none)


def _note(
    session: Session, campaign: Campaign, action: str, n: int, actor: str
) -> None:
    audit.record(session, actor=actor, action=action, subject=campaign, n=n)
    session.commit()
