"""The outbox: each message is claimed, sent and noted, and none is sent twice.

A claim is one short transaction that one worker wins. In it who answered, said no,
has died or cannot be reached is left out, a way in of the message's own is made, and
what is to be sent is put together. Nothing is held while a carrier sends. Who is cut
off between sending and noting leaves a message that a person has to settle, since
nobody can know whether it went: it is *uncertain*, and not sent again by itself.
"""

import json
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Update, bindparam, delete, select, update
from sqlalchemy.orm import Session, joinedload

from .. import audit
from ..assessments import lists_taken_back
from ..database import utc_now
from ..errors import InvalidAnswers
from ..models import Campaign, Invitation, InvitationToken, Message, PrintedCopy
from . import composing, stops
from .carriers import Envelope, NotKnown, Refused, TryLater

LEASE = timedelta(minutes=10)  # far longer than a carrier waits for an answer
BACK_OFF = tuple(timedelta(minutes=n) for n in (1, 5, 30, 120, 480))
ROUND = len(BACK_OFF) + 1  # tries, before a person looks; then there is another
AT_ONCE = 200  # messages of one look
LOST = "cut off while it was being sent"
NO_TEST = "A test is not sent again: ask for another where its words are"
NOT_ANEW = "This letter is not printed anew: {}"
GIVEN_UP = "given up after {n} tries: {why}"
# A message with whom it goes to and what it is about, as they are now.
CLAIMED = (
    select(Message)
    .where(Message.id == bindparam("message_id"))
    .options(
        joinedload(Message.invitation).options(
            joinedload(Invitation.contact),
            joinedload(Invitation.campaign).joinedload(Campaign.trust),
        )
    )
)


def send_due(session: Session, carriers: dict, *, clock: Any = utc_now) -> int:
    """Send what is due and may go now, one after another; how many went. Commits."""
    n, looked = 0, True
    while looked:
        ids = due(session, carriers, now=clock())
        looked = False
        for message_id in ids:
            went = send_one(session, message_id, carriers, clock=clock)
            looked |= went is not None
            n += went == "sent"
    return n


def due(session: Session, carriers: dict, *, now: datetime) -> list[int]:
    """Numbers of the messages whose time has come, oldest first."""
    waiting = (
        select(Message.id)
        .where(Message.status == "due", Message.due_at <= now)
        .where(Message.carrier.in_([*carriers]))
        .order_by(Message.due_at, Message.id)
        .limit(AT_ONCE)
    )
    found = [*session.scalars(waiting)]
    session.commit()
    return found


def send_one(
    session: Session, message_id: int, carriers: dict, *, clock: Any = utc_now
) -> str | None:
    """Claim, send and note one message; how it stands then, None if not ours."""
    claimed = claim(session, message_id, now=clock())
    if not isinstance(claimed, Envelope):
        return claimed
    carrier = carriers[claimed.carrier]
    try:
        reference = carrier.send(claimed)
    except TryLater as problem:
        return put_off(session, claimed, str(problem), now=clock())
    except Refused as problem:
        return note(
            session,
            claimed,
            status="failed",
            failure=str(problem),
            is_undeliverable=problem.is_undeliverable,
        )
    except NotKnown as problem:
        return _ask(session, claimed, carrier, str(problem), now=clock())
    return note(
        session,
        claimed,
        status="sent",
        provider_reference=reference,
        now=clock(),
    )


def claim(session: Session, message_id: int, *, now: datetime) -> Envelope | str | None:
    """Take one message that is due and put it together. Commits.

    None where another has it or it has to wait; `cancelled` where it is not to go.
    """
    theirs = select(Campaign.trust_id).join(Message, Message.campaign_id == Campaign.id)
    trust_id = theirs.where(Message.id == message_id).scalar_subquery()
    lists_taken_back.begin_after_this(session, trust_id)
    taken = n_changed(
        session,
        update(Message)
        .where(Message.id == message_id, Message.status == "due")
        .where(Message.due_at <= now)
        .values(
            status="sending", attempts=Message.attempts + 1, lease_until=now + LEASE
        ),
    )
    if not taken:
        session.rollback()
        return None
    message = session.scalars(
        CLAIMED,
        {"message_id": message_id},
        execution_options={"populate_existing": True},
    ).one()
    waits_until = stops.waits_until(session, message, now=now)
    if waits_until is not None:
        message.status, message.due_at = "due", waits_until
        message.attempts -= 1
        session.commit()
        return None
    against = stops.reason_against(session, message, now=now)
    if against is not None:
        stop(message, against)
        session.commit()
        return "cancelled"
    if message.invitation is not None:  # else a test, written when it was asked for
        message.content = json.dumps(composing.compose(session, message, now=now))
    envelope = envelope_of(message)
    session.commit()
    return envelope


def envelope_of(message: Message) -> Envelope:
    """A message that was claimed, as a carrier takes it."""
    return Envelope(
        message_id=message.id,
        attempt=message.attempts,
        key=message.idempotency_key,
        channel=message.channel,
        carrier=message.carrier or "",
        content=json.loads(message.content or "{}"),
    )


def stop(message: Message, why: str) -> None:
    """Let a message that did not go never go; what it held in clear is forgotten."""
    message.status, message.failure, message.content = "cancelled", why, None
    message.lease_until = None


def note(
    session: Session, claimed: Envelope, *, now: datetime | None = None, **how: Any
) -> str | None:
    """Keep how a claimed message went, and forget what it held in clear. Commits.

    None where it is this attempt's no more: somebody has settled it meanwhile.
    """
    if how["status"] == "sent":
        how = {**how, "sent_at": now, "failure": None}
    if how["status"] in ("sent", "failed"):
        how = {**how, "content": None}
    ours = (
        Message.id == claimed.message_id,
        Message.status.in_(("sending", "uncertain")),
        Message.attempts == claimed.attempt,
    )
    noted = n_changed(
        session, update(Message).where(*ours).values(lease_until=None, **how)
    )
    if noted and how["status"] == "sent":
        advance(session, [claimed.message_id])
    session.commit()
    return str(how["status"]) if noted else None


def put_off(
    session: Session, claimed: Envelope, why: str, *, now: datetime
) -> str | None:
    """Let it be tried later, each time after a longer wait; then give it up."""
    tries = claimed.attempt % ROUND
    if tries == 0:
        said = GIVEN_UP.format(n=claimed.attempt, why=why)
        return note(session, claimed, status="failed", failure=said)
    wait = BACK_OFF[tries - 1]
    return note(session, claimed, status="due", failure=why, due_at=now + wait)


def _ask(
    session: Session, claimed: Envelope, carrier: Any, why: str, *, now: datetime
) -> str | None:
    """Ask a carrier whether it took what may have gone; else a person settles it."""
    was_taken = carrier.find(claimed.key)
    if was_taken is None:
        return note(session, claimed, status="uncertain", failure=why)
    if was_taken:
        return note(session, claimed, status="sent", now=now)
    return put_off(session, claimed, why, now=now)


def find_cut_off(session: Session, carriers: dict, *, now: datetime) -> int:
    """Mark what was being sent when a worker ended; a carrier that knows is asked.

    How many there were. Commits.
    """
    lost = (
        select(Message.id)
        .where(Message.status == "sending", Message.lease_until < now)
        .order_by(Message.id)
    )
    ids = session.scalars(lost).all()
    for message_id in ids:
        message = session.get_one(Message, message_id, populate_existing=True)
        claimed, carrier = envelope_of(message), carriers.get(message.carrier)
        session.commit()
        if carrier is None:
            note(session, claimed, status="uncertain", failure=LOST)
        else:
            _ask(session, claimed, carrier, LOST, now=now)
    return len(ids)


def settle(
    session: Session, message: Message, went: bool, *, actor: str, now: datetime
) -> None:
    """What a person says of an uncertain message: it went, or it did not. Commits.

    One that did not go is sent again, unless something speaks against it by then.
    """
    how: dict[str, Any] = {"status": "due", "due_at": now}
    if went:
        how = {"status": "sent", "sent_at": now, "content": None}
    _change(session, message, ("uncertain",), failure=None, **how)
    action = "message.went" if went else "message.sent_again"
    audit.record(session, actor=actor, action=action, subject=message, at=now)
    session.commit()


def try_again(session: Session, message: Message, *, actor: str, now: datetime) -> None:
    """Send what failed once more, as if it were the first time. Commits.

    What a test said is forgotten, and nothing can write it anew.
    """
    if message.invitation_id is None:
        raise InvalidAnswers({"message": NO_TEST})
    again = {"status": "due", "due_at": now, "failure": None}
    _change(session, message, ("failed",), is_undeliverable=False, **again)
    audit.record(
        session, actor=actor, action="message.sent_again", subject=message, at=now
    )
    session.commit()


def print_anew(
    session: Session, message: Message, *, actor: str, now: datetime
) -> None:
    """Let a letter that was lost on its way be made once more. Commits.

    The codes of the lost one close in the same step. Where something speaks against
    it nothing changes: a form that came back is keyed by what stands on it. Of who has
    answered and is not known to need no reminder yet, it looks as of anybody else, and
    the letter is left out when letters are made.
    """
    if message.channel != "print":
        raise InvalidAnswers({"message": "Only a letter can be printed anew"})
    against = stops.reason_against(session, message, now=now)
    is_untold = stops.is_untold(message, against)
    if against is not None and not is_untold:
        why = NOT_ANEW.format(stops.REASONS[against].lower())
        raise InvalidAnswers({"message": why})
    again = {"status": "due", "due_at": now, "mailing_id": None, "sent_at": None}
    _change(session, message, ("sent", "delivered"), failure=None, **again)
    if not is_untold:
        close_tokens(session, [message.id], now=now)
    if message.has_form and not is_untold:
        of = PrintedCopy.invitation_id == message.invitation_id
        session.execute(delete(PrintedCopy).where(of))
    audit.record(
        session, actor=actor, action="message.printed_anew", subject=message, at=now
    )
    session.commit()


def came_back(session: Session, message: Message, *, actor: str, now: datetime) -> None:
    """Note that nobody was there: no more goes to this address by itself. Commits."""
    gone = ("sent", "delivered", "uncertain")
    how = {"status": "failed", "failure": "came back", "content": None}
    _change(session, message, gone, is_undeliverable=True, **how)
    audit.record(
        session, actor=actor, action="message.came_back", subject=message, at=now
    )
    session.commit()


def note_callback(
    session: Session,
    message: Message,
    status: str,
    is_undeliverable: bool,
    *,
    now: datetime,
) -> None:
    """What a carrier tells later of a message that it took. Commits.

    It settles one that is uncertain. Delivered stays so, whatever comes late.
    """
    how: dict[str, Any] = {"status": status, "content": None, "lease_until": None}
    if status == "delivered":
        how["delivered_at"] = now
    if status == "failed":
        how["failure"] = "the carrier could not deliver it"
        how["is_undeliverable"] = is_undeliverable
    if message.sent_at is None:
        how["sent_at"] = now
    before = ("sending", "sent", "uncertain")
    held = update(Message).where(Message.id == message.id, Message.status.in_(before))
    if n_changed(session, held.values(**how)) and status != "failed":
        advance(session, [message.id])
    session.commit()


def _change(session: Session, message: Message, before: tuple, **values: Any) -> None:
    changed = n_changed(
        session,
        update(Message)
        .where(Message.id == message.id, Message.status.in_(before))
        .values(**values),
    )
    if not changed:
        session.rollback()
        raise InvalidAnswers({"message": "This message was settled by somebody else"})


def cancel_due(
    session: Session, campaign: Campaign, *, actor: str, now: datetime
) -> int:
    """Cancel all of a campaign that is still to go; how many there were. Commits."""
    gone = n_changed(
        session,
        update(Message)
        .where(Message.campaign_id == campaign.id, Message.status == "due")
        .values(status="cancelled", failure="cancelled by staff", content=None),
    )
    audit.record(
        session,
        actor=actor,
        action="messages.cancelled",
        subject=campaign,
        at=now,
        n=gone,
    )
    session.commit()
    return gone


def n_changed(session: Session, change: Update) -> int:
    """Make a change of rows; how many there were."""
    made = cast(CursorResult[Any], session.execute(change))
    return made.rowcount


def close_tokens(session: Session, message_ids: list[int], *, now: datetime) -> None:
    """Close the ways in that these messages carried; the caller commits."""
    session.execute(
        update(InvitationToken)
        .where(InvitationToken.message_id.in_(message_ids))
        .where(InvitationToken.closed_at.is_(None))
        .values(closed_at=now)
    )


def advance(session: Session, message_ids: list[int]) -> None:
    """Let the invitations of messages that went be known as sent."""
    theirs = select(Message.invitation_id).where(Message.id.in_(message_ids))
    session.execute(
        update(Invitation)
        .where(Invitation.id.in_(theirs), Invitation.status == "made")
        .values(status="sent")
        .execution_options(synchronize_session=False)
    )
