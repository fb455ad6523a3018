"""One message put together for one person, with a way in of its own."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..addresses import address_of
from ..assessments import notices
from ..assessments.greetings import addressed
from ..assessments.labels import PERSPECTIVES
from ..assessments.questions import whole_form
from ..calendar import local_date
from ..errors import InvalidAnswers
from ..keys import derived_key
from ..links import code_hash, grouped, new_code, new_token, token_hash
from ..models import Campaign, Contact, InvitationToken, Message
from ..models.message import GONE
from . import texts

NOT_SAID = "the trust's records."
EXAMPLE_TOKEN = "this-is-an-example-it-opens-nothing"
EXAMPLE_CODE = "EXAMPLE22"


def compose(session: Session, message: Message, *, now: datetime) -> dict[str, Any]:
    """What is to be sent, in clear; the token is the caller's to commit.

    What was tried before keeps its link and code, and is written anew: the address or
    name may have been put right since. The contact is there: `stops` has looked.
    """
    invitation = message.invitation
    assert invitation is not None and invitation.contact is not None
    campaign, contact = invitation.campaign, invitation.contact
    kind = kind_of(message.step if _was_written_to(session, message) else None)
    words = texts.words_of(session, campaign, kind, message.channel, contact.language)
    message.template = words.ref
    held = json.loads(message.content) if message.content else None
    token, code = (
        (held["token"], held["code"])
        if held
        else _new_way_in(session, message, now=now)
    )
    said = written(words, campaign, contact, message.channel, token, code)
    return {**said, "kind": kind}


def _was_written_to(session: Session, message: Message) -> bool:
    """Whether something went by this invitation before: else nothing reminds of it."""
    before = select(Message.id).where(
        Message.invitation_id == message.invitation_id,
        Message.id < message.id,
        Message.status.in_((*GONE, "failed")),
    )
    return session.scalar(before.limit(1)) is not None


def example(
    campaign: Campaign, contact: Contact, words: texts.Words, channel: str
) -> dict[str, Any]:
    """What a person of the list would get; its link and code open nothing."""
    return written(words, campaign, contact, channel, EXAMPLE_TOKEN, EXAMPLE_CODE)


def written(
    words: texts.Words,
    campaign: Campaign,
    contact: Contact,
    channel: str,
    token: str,
    code: str,
) -> dict[str, Any]:
    """The words for one person, and where they go."""
    values = values_of(campaign, contact, token, code)
    return {
        **_place(contact, channel),
        "language": contact.language,
        "edition": edition_of(contact.preferences or {}),
        "perspective": perspective_of(campaign, contact),
        "subject": texts.filled(words.subject, values),
        "text": texts.filled(words.body, values),
        "greeting": addressed(contact.name),
        "opt_out": address_of("opt_out.link", token=token),
        "link": values["link"],
        "token": token,
        "code": code,
    }


def kind_of(step: int | None) -> str:
    """Which words a step of the plan has."""
    return "first" if (step or 1) == 1 else "reminder"


def edition_of(preferences: dict[str, Any]) -> str:
    """Which print somebody asked for."""
    for name in ("easy_read", "large_print"):
        if preferences.get(name):
            return name
    return "standard"


def has_place(contact: Contact, channel: str) -> bool:
    """Whether a contact has an address, or a number, for a channel now."""
    held = {"email": contact.email, "sms": contact.telephone}
    return bool((held.get(channel, contact.postal_address) or "").strip())


def _place(contact: Contact, channel: str) -> dict[str, Any]:
    """Where it goes, as the carrier of a channel takes it."""
    if channel == "email":
        return {"to": contact.email}
    if channel == "sms":
        return {"to": contact.telephone}
    lines = [contact.name, *(contact.postal_address or "").splitlines()]
    return {"lines": [line.strip() for line in lines if line.strip()]}


def _new_way_in(
    session: Session, message: Message, *, now: datetime
) -> tuple[str, str]:
    """A token and a code of this message's own, for the same invitation."""
    token, code, key = new_token(), new_code(), derived_key("codes")
    with session.no_autoflush:  # what is composed is written once, with the token
        while session.scalar(_same_code(code_hash(code, key))) is not None:
            code = new_code()
    session.add(
        InvitationToken(
            invitation_id=message.invitation_id,
            message_id=message.id,
            token_hash=token_hash(token),
            short_code_hash=code_hash(code, key),
            made_at=now,
        )
    )
    return token, code


def _same_code(hashed: str) -> Any:
    return select(InvitationToken.id).filter_by(short_code_hash=hashed)


def values_of(
    campaign: Campaign, contact: Contact, token: str, code: str
) -> dict[str, str]:
    """What stands in the places of a text, for one person."""
    perspective = perspective_of(campaign, contact)
    told = notices.places_of(campaign, whole_form(campaign, perspective))
    slots = campaign.notice.slots if campaign.notice else {}
    return {
        **told,
        "greeting": f"Dear {addressed(contact.name)},",
        "about": PERSPECTIVES[perspective].about,
        "title": campaign.public_title,
        "closes": last_day(campaign),
        "address_source": _ended(slots.get("address_source") or NOT_SAID),
        "survey_team": _one_line(campaign.contact or slots.get("survey_team") or ""),
        "link": address_of("entry.link", token=token),
        "code": grouped(code),
        "opt_out": f"Go to {address_of('opt_out.front')} and type {grouped(code)}",
    }


def last_day(campaign: Campaign) -> str:
    """The day before which answers are taken, or nothing where none is set."""
    return local_date(campaign.closes_at) if campaign.closes_at else ""


def perspective_of(campaign: Campaign, contact: Contact) -> str:
    """As whom somebody is asked; InvalidAnswers where the campaign does not ask so."""
    perspective = contact.perspective or campaign.perspectives[0]
    if perspective not in campaign.perspectives:
        raise InvalidAnswers({"perspective": "The campaign does not ask such people"})
    return perspective


def _one_line(text: str) -> str:
    return ", ".join(line.strip() for line in text.splitlines() if line.strip())


def _ended(text: str) -> str:
    told = _one_line(text)
    return told if told.endswith((".", "!", "?")) else f"{told}."
