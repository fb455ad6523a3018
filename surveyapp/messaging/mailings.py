"""Letters and files that are made at one time, downloaded, and posted by people.

Making one is a job. It takes what is due for its carrier, leaves out who is not to
get it, and keeps the files encrypted. They can be had again until somebody says that
all was posted; then the messages count as sent, and the files go. One that is given
up closes the codes in it, and its messages are due again.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from .. import audit
from ..assessments import lists_taken_back
from ..database import take_turns, utc_now
from ..errors import InvalidAnswers
from ..models import (
    Campaign,
    Contact,
    Invitation,
    Job,
    Mailing,
    MailingFile,
    Message,
    PrintedCopy,
)
from . import composing, outbox, stops

KIND = "mailing"
CARRIERS = ("print", "file")
CLAIMED_AT_ONCE = 100
IN_A_PDF = 50  # letters: a quarter of a second each with a form
IN_A_FILE = 5000


def waiting(session: Session, campaign: Campaign, *, now: datetime) -> dict[str, int]:
    """Carrier -> how many messages wait to be printed, or put in a file."""
    rows = session.execute(
        select(Message.carrier, func.count())
        .where(Message.campaign_id == campaign.id, Message.carrier.in_(CARRIERS))
        .where(Message.status == "due", Message.due_at <= now)
        .group_by(Message.carrier)
    ).all()
    return {carrier: n for carrier, n in rows if carrier}


def ask_for(
    session: Session, campaign: Campaign, carrier: str, *, asked_by: int, now: datetime
) -> Mailing:
    """Put the making of a mailing in the queue. Commits."""
    if not waiting(session, campaign, now=now).get(carrier):
        raise InvalidAnswers({"carrier": "Nothing is due for this now"})
    mailing = Mailing(campaign=campaign, carrier=carrier, made_at=now)
    session.add(mailing)
    session.flush()
    job = Job(
        name=KIND,
        arguments={"mailing_id": mailing.id},
        trust_id=campaign.trust_id,
        asked_by_id=asked_by,
    )
    mailing.job = job
    audit.record(
        session,
        actor=f"staff:{asked_by}",
        action="mailing.asked",
        subject=mailing,
        at=now,
        carrier=carrier,
    )
    session.commit()
    return mailing


def make(session: Session, job: Job, at_step: Any) -> None:
    """Take what is due, then set the files; goes on where it was cut off."""
    mailing = session.get_one(Mailing, job.arguments["mailing_id"])
    if mailing.stage != "making":
        return
    _take(session, mailing, at_step)
    groups = _files(session, mailing)
    for number, (how, ids) in enumerate(groups, start=1):
        at_step("files", number, len(groups) + 1)
        held = select(MailingFile.id).filter_by(mailing_id=mailing.id, number=number)
        if session.scalar(held) is None:
            _make_file(session, mailing, number, how, ids)
        session.commit()
        take_turns(session)
    mailing.stage = "made"
    mailing.n = sum(len(ids) for _, ids in groups)


def _take(session: Session, mailing: Mailing, at_step: Any) -> None:
    """Claim every message that is due for this carrier, some at a time. Commits.

    Those whose list is being taken back are left for another mailing, if they stay.
    """
    now, trust_id = utc_now(), mailing.trust_id
    waits = (
        select(Invitation.id)
        .join(Contact, Invitation.contact_id == Contact.id)
        .where(Invitation.campaign_id == mailing.campaign_id)
        .where(lists_taken_back.is_on_one())
    )
    while True:
        lists_taken_back.begin_after_this(session, trust_id)
        due = (
            select(Message)
            .where(Message.campaign_id == mailing.campaign_id)
            .where(Message.carrier == mailing.carrier, Message.status == "due")
            .where(Message.due_at <= now, Message.invitation_id.not_in(waits))
            .order_by(Message.id)
            .limit(CLAIMED_AT_ONCE)
            .with_for_update()
        )
        found = session.scalars(due).all()
        for message in found:
            _claim(session, mailing, message, now=now)
        session.commit()
        at_step("people", 0, 1)
        take_turns(session)
        if not found:
            return


def _claim(
    session: Session, mailing: Mailing, message: Message, *, now: datetime
) -> None:
    against = stops.reason_against(session, message, now=now)
    if against is not None:
        outbox.stop(message, against)
        return
    message.status, message.mailing_id = "sending", mailing.id
    message.attempts += 1
    message.content = json.dumps(composing.compose(session, message, now=now))


@dataclass(frozen=True, order=True)
class Setting:
    """What the letters of one file have in common."""

    perspective: str = ""
    language: str = ""
    edition: str = ""
    has_form: bool = False
    kind: str = ""


def _files(session: Session, mailing: Mailing) -> list[tuple[Setting, list[int]]]:
    """How each file is set, and the messages in it: the same at every attempt."""
    groups: dict[Setting, list[int]] = defaultdict(list)
    rows = session.scalars(
        select(Message).where(Message.mailing_id == mailing.id).order_by(Message.id)
    )
    for message in rows:
        is_printed = mailing.carrier == "print"
        groups[_setting(message) if is_printed else Setting()].append(message.id)
    most = IN_A_PDF if mailing.carrier == "print" else IN_A_FILE
    return [
        (how, ids[start : start + most])
        for how, ids in sorted(groups.items())
        for start in range(0, len(ids), most)
    ]


def _setting(message: Message) -> Setting:
    said = json.loads(message.content or "{}")
    return Setting(
        said["perspective"],
        said["language"],
        said["edition"],
        message.has_form,
        said.get("kind") or composing.kind_of(message.step),
    )


def _make_file(
    session: Session,
    mailing: Mailing,
    number: int,
    how: Setting,
    ids: Sequence[int],
) -> None:
    from ..paper import message_letters
    from .carriers import mailing_house

    numbers = numbers_of(session, mailing)
    found = session.scalars(
        select(Message).where(Message.id.in_(ids)).order_by(Message.id)
    )
    messages = [(numbers[message.id], message) for message in found]
    maker = message_letters if mailing.carrier == "print" else mailing_house
    name, content = maker.file_of(session, mailing, how, messages)
    stem, dot, ending = name.rpartition(".")
    session.add(
        MailingFile(
            mailing_id=mailing.id,
            number=number,
            name=f"{stem}-{number}{dot}{ending}",
            n=len(messages),
            content=content,
        )
    )


def download(
    session: Session, mailing: Mailing, number: int, *, actor: str, now: datetime
) -> MailingFile | None:
    """One file of a mailing, as often as it is asked for; each time is noted."""
    file = session.scalar(
        select(MailingFile).filter_by(mailing_id=mailing.id, number=number)
    )
    if file is None:
        return None
    audit.record(
        session,
        actor=actor,
        action="mailing.downloaded",
        subject=mailing,
        at=now,
        file=number,
        n=file.n,
    )
    session.commit()
    return file


def to_take_out(session: Session, mailing: Mailing, *, now: datetime) -> dict[int, str]:
    """Number in the mailing -> why this letter is not to be posted any more."""
    found = {}
    numbers = numbers_of(session, mailing)
    for message_id, number in numbers.items():
        message = session.get_one(Message, message_id)
        against = stops.reason_against(session, message, now=now)
        if against is not None:
            found[number] = stops.REASONS[against]
    return found


def numbers_of(session: Session, mailing: Mailing) -> dict[int, int]:
    """Message -> its number within the mailing, as it stands on letter and row."""
    ids = session.scalars(
        select(Message.id).where(Message.mailing_id == mailing.id).order_by(Message.id)
    )
    return {message_id: n for n, message_id in enumerate(ids, start=1)}


def post(session: Session, mailing: Mailing, *, actor: str, now: datetime) -> int:
    """Note that all was posted; those to be taken out count as stopped. Commits."""
    _move(session, mailing, "posted", now=now)
    out = to_take_out(session, mailing, now=now)
    numbers = numbers_of(session, mailing)
    stopped = [id_ for id_, number in numbers.items() if number in out]
    ours = update(Message).where(
        Message.mailing_id == mailing.id, Message.status == "sending"
    )
    session.execute(
        ours.where(Message.id.in_(stopped)).values(
            status="cancelled", failure="taken out", content=None
        )
    )
    sent = outbox.n_changed(
        session, ours.values(status="sent", sent_at=now, content=None)
    )
    outbox.close_tokens(session, stopped, now=now)
    went = [id_ for id_ in numbers if id_ not in stopped]
    outbox.advance(session, went)
    audit.record(
        session, actor=actor, action="mailing.posted", subject=mailing, at=now, n=sent
    )
    session.commit()
    return sent


def give_up(session: Session, mailing: Mailing, *, actor: str, now: datetime) -> None:
    """Close the codes of what was not posted, and let it be made anew. Commits."""
    _move(session, mailing, "cancelled", now=now)
    ids = [*numbers_of(session, mailing)]
    outbox.close_tokens(session, ids, now=now)
    ours = select(Message.invitation_id).where(Message.mailing_id == mailing.id)
    session.execute(
        delete(PrintedCopy)
        .where(PrintedCopy.invitation_id.in_(ours.where(Message.has_form)))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Message)
        .where(Message.mailing_id == mailing.id, Message.status == "sending")
        .values(status="due", mailing_id=None, content=None)
    )
    audit.record(
        session,
        actor=actor,
        action="mailing.cancelled",
        subject=mailing,
        at=now,
        n=len(ids),
    )
    session.commit()


def _move(session: Session, mailing: Mailing, stage: str, *, now: datetime) -> None:
    """Move on once, and let the files go; the caller commits.

    What is being made is waited for; what was stopped half-way can be given up.
    """
    is_half = stage == "cancelled" and not (mailing.job and mailing.job.is_open)
    before = ("making", "made") if is_half else ("made",)
    moved = outbox.n_changed(
        session,
        update(Mailing)
        .where(Mailing.id == mailing.id, Mailing.stage.in_(before))
        .values(stage=stage, finished_at=now),
    )
    if not moved:
        session.rollback()
        raise InvalidAnswers({"mailing": "These were settled already"})
    session.refresh(mailing)
    mailing.files.clear()


def mailings_of(session: Session, campaign: Campaign) -> Sequence[Mailing]:
    """The mailings of a campaign, newest first."""
    return session.scalars(
        select(Mailing)
        .filter_by(campaign_id=campaign.id)
        .where(Mailing.carrier.in_(CARRIERS))
        .order_by(Mailing.id.desc())
    ).all()
