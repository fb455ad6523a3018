"""What speaks against a message at the moment of sending: one answer for all.

The plan asks the same of everybody at once, before it puts messages in the outbox.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from ..assessments import lists_taken_back, suppression
from ..assessments.reminders import OVER, is_keyed
from ..calendar import LONDON
from ..models import Campaign, Contact, Invitation, Message, MessagePlan
from ..models.contact_import import LISTS
from . import composing, sending_days

NO_MORE = "Needs no more messages"
# Why somebody is not written to, beside what `suppression` knows.
REASONS = {
    **suppression.REASONS,
    # Alike, since letters have names on them: who has answered is told of nobody.
    **dict.fromkeys(("answered", "withdrawn", "cancelled"), NO_MORE),
    **dict.fromkeys(("opted_out", *LISTS), NO_MORE),
    "erased": "The contact's details were deleted",
    "undeliverable": "Nobody could be reached there",
    "no_address": "The contact has no address for this any more",
    "not_asked": "The campaign does not ask such people",
    "closed": "The campaign has closed",
}
AGAIN = timedelta(minutes=15)  # until what was paused is looked at again


def waits_until(
    session: Session, message: Message, *, now: datetime
) -> datetime | None:
    """When a message may be looked at again that may not go now; None if it may."""
    if message.invitation is None or message.carrier in ("print", "file"):
        return None
    campaign, contact = message.invitation.campaign, message.invitation.contact
    if contact is not None and _is_on_list_taken_back(session, contact):
        return now + AGAIN
    plan = session.scalar(select(MessagePlan).filter_by(campaign_id=campaign.id))
    if plan is None:
        return None
    if not plan.is_running or _is_to_open(campaign, now):
        return now + AGAIN
    opens = sending_days.of(plan).next_moment(now)
    return opens if opens > now else None


def _is_on_list_taken_back(session: Session, contact: Contact) -> bool:
    on_one = select(Contact.id).where(Contact.id == contact.id)
    held = on_one.where(lists_taken_back.is_on_one())
    return session.scalar(held) is not None


def _is_to_open(campaign: Campaign, now: datetime) -> bool:
    is_over = campaign.closes_at is not None and campaign.closes_at <= now
    return not campaign.is_open(now) and not is_over


def reason_against(session: Session, message: Message, *, now: datetime) -> str | None:
    """Why this message is not to go at all, a name in REASONS; None if it may."""
    invitation = message.invitation
    if invitation is None:  # a test, to staff
        return None
    campaign = invitation.campaign
    if campaign.closes_at is not None and campaign.closes_at <= now:
        return "closed"
    asked = _question(
        now.astimezone(LONDON).date(), suppression.heeds_data_opt_out(campaign)
    )
    of = {"invitation_id": invitation.id, "channel": message.channel}
    now_is = session.execute(asked, of).one()
    if now_is.status in OVER:
        return now_is.status
    if now_is.is_keyed:
        return "answered"
    if now_is.contact_id is None:
        return "erased"
    names = (*suppression.REASONS, "undeliverable")
    found = next((name for name in names if getattr(now_is, name, False)), None)
    contact = invitation.contact
    if contact and contact.perspective not in (None, *campaign.perspectives):
        return found or "not_asked"
    is_reached = contact and composing.has_place(contact, message.channel)
    return found or (None if is_reached else "no_address")


@lru_cache(maxsize=8)
def _question(today: date, heeds_opt_out: bool) -> Select:
    """Whatever may speak against one message, asked at once; made once a day."""
    against = suppression.against(today, heeds_opt_out=heeds_opt_out)
    channel = Message.channel == bindparam("channel")
    return (
        select(
            Invitation.status,
            Contact.id.label("contact_id"),
            is_keyed().correlate(Invitation).label("is_keyed"),
            _nobody_at(channel).label("undeliverable"),
            *(holds.label(name) for name, holds in against.items()),
        )
        .outerjoin(Invitation.contact)
        .where(Invitation.id == bindparam("invitation_id"))
    )


def is_untold(message: Message, reason: str | None) -> bool:
    """Whether nobody of the staff may know yet that this message is not to go."""
    invitation = message.invitation
    return (
        reason in OVER and invitation is not None and not invitation.needs_no_reminder
    )


def _nobody_at(channel: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that a contact was not to be reached so, in any campaign."""
    to = aliased(Invitation)
    return (
        exists()
        .where(Message.invitation_id == to.id, to.contact_id == Contact.id)
        .where(Message.is_undeliverable, channel)
        .correlate(Contact)
    )
