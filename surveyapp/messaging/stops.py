"""What speaks against a message at the moment of sending: one answer for all.

The plan asks the same of everybody at once, before it puts messages in the outbox.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from ..assessments import suppression
from ..assessments.reminders import OVER, is_keyed
from ..calendar import LONDON
from ..models import Campaign, Invitation, Message, MessagePlan
from ..models.contact_import import LISTS
from . import sending_days

NO_MORE = "Needs no more messages"
# Why somebody is not written to, beside what `suppression` knows.
REASONS = {
    **suppression.REASONS,
    # Alike, since letters have names on them: who has answered is told of nobody.
    **dict.fromkeys(("answered", "withdrawn", "cancelled"), NO_MORE),
    **dict.fromkeys(("opted_out", *LISTS), NO_MORE),
    "erased": "The contact's details were deleted",
    "undeliverable": "Nobody could be reached there",
    "closed": "The campaign has closed",
}
AGAIN = timedelta(minutes=15)  # until what was paused is looked at again


def waits_until(
    session: Session, message: Message, *, now: datetime
) -> datetime | None:
    """When a message may be looked at again that may not go now; None if it may."""
    if message.invitation is None or message.carrier in ("print", "file"):
        return None
    campaign = message.invitation.campaign
    plan = session.scalar(select(MessagePlan).filter_by(campaign_id=campaign.id))
    if plan is None:
        return None
    if not plan.is_running or _is_to_open(campaign, now):
        return now + AGAIN
    opens = sending_days.of(plan).next_moment(now)
    return opens if opens > now else None


def _is_to_open(campaign: Campaign, now: datetime) -> bool:
    is_over = campaign.closes_at is not None and campaign.closes_at <= now
    return not campaign.is_open(now) and not is_over


def reason_against(session: Session, message: Message, *, now: datetime) -> str | None:
    """Why this message is not to go at all, a name in REASONS; None if it may."""
    invitation = message.invitation
    if invitation is None:  # a test, to staff
        return None
    session.refresh(invitation, ["status", "contact_id"])
    campaign, contact = invitation.campaign, invitation.contact
    if campaign.closes_at is not None and campaign.closes_at <= now:
        return "closed"
    if invitation.status in OVER:
        return invitation.status
    if session.scalar(select(Invitation.id).where(_is(invitation), is_keyed())):
        return "answered"
    if contact is None:
        return "erased"
    today = now.astimezone(LONDON).date()
    heeds = suppression.heeds_data_opt_out(campaign)
    found = suppression.reasons_against(session, contact, today, heeds_opt_out=heeds)
    if found:
        return found[0]
    dead = nobody_at([contact.id])
    return "undeliverable" if message.channel in session.scalars(dead) else None


def is_untold(message: Message, reason: str | None) -> bool:
    """Whether nobody of the staff may know yet that this message is not to go."""
    invitation = message.invitation
    return (
        reason in OVER and invitation is not None and not invitation.needs_no_reminder
    )


def _is(invitation: Invitation) -> ColumnElement[bool]:
    return Invitation.id == invitation.id


def nobody_at(contact_ids: Iterable[int]):
    """Channels by which these people were not to be reached, in any campaign."""
    to = aliased(Invitation)
    return (
        select(Message.channel)
        .join(to, Message.invitation_id == to.id)
        .where(to.contact_id.in_([*contact_ids]), Message.is_undeliverable)
        .distinct()
    )
