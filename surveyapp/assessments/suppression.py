"""Who is not written to, and why: the dead, who said no, and carers of the dead.

Whatever sends anything to a contact asks here at the moment of sending.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..calendar import LONDON
from ..models import Campaign, Contact, ContactImport, ContactKey, Suppression
from ..models.contact_import import LISTS

# Of the blind indexes, those by which a list names a person.
LISTED = ("nhs", "name_birth")
# How old the newest list of a kind may be when a campaign that uses contacts opens.
FRESH = timedelta(days=30)
REASONS = {
    "opted_out": "Asked not to be contacted",
    "do_not_contact": "On the do-not-contact list",
    "deceased": "Has died, or cares for somebody who has",
    "data_opt_out": "National Data Opt-out",
    "expired": "The day on which the details are deleted has come",
}


def is_on(kind: str) -> ColumnElement[bool]:
    """The condition that a contact is on the trust's list of a kind.

    Of the National Data Opt-out the newest day counts, since people change their
    mind; the others add up. Carers are held against the list of the dead by those
    whom they care for.
    """
    same = ContactKey.contact_id == Contact.id
    return exists().where(same, *_named(kind, Contact.trust_id)).correlate(Contact)


def _on_list(kind: str, trust_id: int) -> ColumnElement[bool]:
    """`is_on` for all contacts of one trust at a time: the list is read once."""
    return Contact.id.in_(select(ContactKey.contact_id).where(*_named(kind, trust_id)))


def _named(
    kind: str, trust: InstrumentedAttribute[int] | int
) -> list[ColumnElement[bool]]:
    """The conditions that keys of contacts are on a trust's list of a kind."""
    same = [
        ContactKey.digest == Suppression.digest,
        ContactKey.kind.in_(LISTED),
        Suppression.trust_id == trust,
        Suppression.kind == kind,
    ]
    if kind != "deceased":
        same.append(ContactKey.is_about.is_(False))
    if kind == "data_opt_out":
        newest = (
            select(func.max(ContactImport.as_of))
            .where(ContactImport.trust_id == trust, ContactImport.kind == kind)
            .where(ContactImport.stage == "done")
            .correlate(Contact)
            .scalar_subquery()
        )
        same.append(Suppression.as_of == newest)
    return same


def conditions(
    today: date, of_trust: int | None = None
) -> dict[str, ColumnElement[bool]]:
    """Reason -> the condition that it speaks against writing to a contact.

    `of_trust` is for who asks of many: all of them are of this trust.
    """
    midnight = datetime.combine(today, time(), LONDON)
    on = is_on if of_trust is None else partial(_on_list, trust_id=of_trust)
    return {
        "opted_out": Contact.opted_out_at.is_not(None),
        **{kind: on(kind) for kind in LISTS},
        "expired": Contact.retain_until <= midnight,
    }


def against(
    today: date, *, heeds_opt_out: bool, of_trust: int | None = None
) -> dict[str, ColumnElement[bool]]:
    """Those of `conditions` that a campaign heeds."""
    found = conditions(today, of_trust)
    if not heeds_opt_out:
        del found["data_opt_out"]
    return found


def reasons_against(
    session: Session, contact: Contact, today: date, *, heeds_opt_out: bool
) -> list[str]:
    """Why this person is not written to; empty where nothing speaks against it."""
    found = against(today, heeds_opt_out=heeds_opt_out)
    row = session.execute(
        select(*(holds.label(name) for name, holds in found.items())).where(
            Contact.id == contact.id
        )
    ).one()
    return [name for name in found if getattr(row, name)]


def heeds_data_opt_out(campaign: Campaign) -> bool:
    """Whether a campaign is for research, which the National Data Opt-out is about."""
    return campaign.notice is not None and campaign.notice.is_research


def may_be_written_to(
    session: Session, contact: Contact, today: date, *, heeds_opt_out: bool
) -> bool:
    """Whether nothing speaks against writing to this person today.

    `heeds_opt_out` is `heeds_data_opt_out` of the campaign.
    """
    return not reasons_against(session, contact, today, heeds_opt_out=heeds_opt_out)


def who_may_be_written_to(
    trust_id: int, today: date, *, heeds_opt_out: bool
) -> Select[Contact]:
    """All contacts of a trust of whom `may_be_written_to` holds, as a query."""
    found = against(today, heeds_opt_out=heeds_opt_out, of_trust=trust_id)
    anything = or_(*found.values())
    return select(Contact).where(Contact.trust_id == trust_id, ~anything)


def counts(session: Session, trust_id: int, today: date) -> dict[str, int]:
    """Reason -> how many contacts of a trust it holds of."""
    return {
        reason: session.scalar(
            select(func.count(Contact.id)).where(Contact.trust_id == trust_id, holds)
        )
        or 0
        for reason, holds in conditions(today, trust_id).items()
    }


def newest_lists(session: Session, trust_id: int) -> dict[str, date | None]:
    """Kind -> day of the newest list, or None where there is none.

    A list on which nobody stands is one too.
    """
    rows = session.execute(
        select(ContactImport.kind, func.max(ContactImport.as_of))
        .where(ContactImport.trust_id == trust_id, ContactImport.stage == "done")
        .where(ContactImport.kind.in_(LISTS))
        .group_by(ContactImport.kind)
    ).all()
    return {**dict.fromkeys(LISTS), **{kind: day for kind, day in rows}}


def not_fresh(
    lists: Mapping[str, date | None], today: date, *, heeds_opt_out: bool
) -> list[str]:
    """Kinds of which there is no list of the last thirty days."""
    asked = [kind for kind in LISTS if heeds_opt_out or kind != "data_opt_out"]
    return [k for k in asked if (day := lists[k]) is None or today - day > FRESH]
