"""One person of a trust's lists: looked for by who they are, and all that is held."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import audit
from ..assessments import suppression
from ..calendar import LONDON, local_date, local_time
from ..errors import InvalidAnswers
from ..models import (
    Campaign,
    Contact,
    ContactChange,
    ContactImport,
    ContactKey,
    Invitation,
    Mailing,
    Message,
    StaffUser,
    Thanks,
    Trust,
)
from ..models.contact_import import UNCONFIRMED
from . import cells
from .blind_indexes import Keys

MOST = 20
# What of a person is enough to look for somebody by, as kinds of blind indexes.
ENOUGH = (
    *("nhs", "person", "name_birth", "name_post", "birth_post"),
    *("telephone", "email"),
)
TOO_LITTLE = (
    "Enter an NHS number, a telephone number, an e-mail address, or two of name, date "
    "of birth and postcode"
)
KNOWN_BY = {
    "nhs": "NHS number",
    "person": "name, date of birth and postcode",
    "name_birth": "name and date of birth",
    "name_post": "name and postcode",
    "birth_post": "date of birth and postcode",
    "initials": "initials and date of birth",
    "telephone": "telephone number",
    "email": "e-mail address",
    "name_email": "name and e-mail address",
    "name_phone": "name and telephone number",
}
CHANNELS = {"print": "Letter", "email": "E-mail", "sms": "Text"}
NOTES = (
    "Dates of birth and NHS numbers are held only as keyed hashes, from which nobody "
    "can read them.",
    "Answers are held under a random name. Nobody here can say whose they are: the "
    "person sees and withdraws them with the personal code that they were given.",
    "Whether a reminder is still needed is held for each survey, and not told here: "
    "beside the reasons why nothing is sent it would tell who has answered.",
    "Reminders are told in the file for the person, not on this page: it would tell "
    "who was not reminded. Getting the file is noted in the audit.",
    "Backups hold the same until they are too old. Put back, one leaves an erased "
    "person erased.",
)
UNREAD = (
    "Lists that nobody confirmed yet may name the person; they are encrypted, and "
    "deleted within a week: {}."
)


def digests_of(trust_id: int, typed: dict[str, str], now: datetime) -> dict[str, str]:
    """Kind -> blind index of what was typed of a person.

    `typed` has name, born, nhs, postcode, telephone and email, each as on a list or
    empty.
    InvalidAnswers says by field what is wrong, or that it is too little.
    """
    today, problems, known = now.astimezone(LONDON).date(), {}, {}
    checks = {
        "nhs": cells.nhs_number,
        "postcode": cells.postcode,
        "telephone": cells.telephone,
        "email": cells.email,
        "born": lambda text: cells.born(text, today),
    }
    for name, text in typed.items():
        text = text.strip()
        try:
            known[name] = checks.get(name, str)(text) if text else None
        except ValueError as problem:
            problems[name] = str(problem).capitalize()
    if problems:
        raise InvalidAnswers(problems)
    known["name"] = known.get("name") or ""
    keys, found = Keys(trust_id), {}
    for who in ("service_user", "carer"):  # whose telephones are apart
        for kind, digest in keys.of(**known, who=who).items():
            if kind in ENOUGH:
                found[f"{kind}.{who}"] = digest
    if not found:
        raise InvalidAnswers({"name": TOO_LITTLE})
    return found


def find(
    session: Session, trust_id: int, digests: dict[str, str], *, actor: StaffUser | str
) -> list[Contact]:
    """Those of the trust's lists who have one of these blind indexes. Commits.

    That somebody looked is noted of each, else of the trust.
    """
    same = select(ContactKey.contact_id).where(
        ContactKey.digest.in_([*digests.values()]), ContactKey.is_about.is_(False)
    )
    found = session.scalars(
        select(Contact)
        .where(Contact.trust_id == trust_id, Contact.id.in_(same))
        .order_by(Contact.id)
        .limit(MOST)
    ).all()
    nobody = [session.get_one(Trust, trust_id)]
    subjects: Sequence[Contact | Trust] = found or nobody
    for subject in subjects:
        audit.record(session, actor=actor, action="contact.looked_up", subject=subject)
    session.commit()
    return [*found]


def note_seen(session: Session, contact: Contact, *, actor: StaffUser | str) -> None:
    """Note that somebody looked at what is held of a person. Commits."""
    audit.record(session, actor=actor, action="contact.seen", subject=contact)
    session.commit()


def say_no(session: Session, contact: Contact, *, actor: str, now: datetime) -> None:
    """Note that this person asked for no more messages, in any campaign. Commits."""
    session.refresh(contact, with_for_update=True)
    if contact.opted_out_at is None:
        contact.opted_out_at = now
        theirs = select(Invitation.id).where(Invitation.contact_id == contact.id)
        Message.forget(session, Message.invitation_id.in_(theirs), "opted_out")
        audit.record(
            session, actor=actor, action="contact.said_no", subject=contact, at=now
        )
    session.commit()


def held_of(
    session: Session, contact: Contact, *, now: datetime, is_file: bool = False
) -> dict[str, list]:
    """Section -> rows, each a column -> text: all that is held of a contact.

    Reminders are in the file for the person alone. On a page they would tell who was
    not reminded, and so who has answered.
    """
    return {
        "Details": _details(contact),
        "Known again by keyed hashes of": [
            {"Of": whose, "What": KNOWN_BY[kind]} for whose, kind in _kinds(contact)
        ],
        "Why nothing is sent": _reasons(session, contact, now),
        "Details before the last lists": _before(session, contact),
        "Asked to take part": _invitations(session, contact),
        "Messages": _messages(session, contact, is_file),
        "Thanks given": _thanks(session, contact),
    }


def notes_for(session: Session, contact: Contact) -> list[str]:
    """What else a person should know of what is held, as sentences."""
    unread = session.scalars(
        select(ContactImport.id).where(
            ContactImport.trust_id == contact.trust_id,
            ContactImport.stage.in_(UNCONFIRMED),
        )
    ).all()
    lists = ", ".join(f"list {number}" for number in unread)
    return [*NOTES, *([UNREAD.format(lists)] if unread else [])]


def get(
    session: Session, contact: Contact, *, actor: StaffUser | str, now: datetime
) -> dict:
    """The same for a file, with its notes; that it was got is noted. Commits."""
    told = {
        "trust": contact.trust.name,
        "made": local_time(now),
        "notes": notes_for(session, contact),
        "held": held_of(session, contact, now=now, is_file=True),
    }
    audit.record(session, actor=actor, action="contact.got", subject=contact, at=now)
    session.commit()
    return told


def letters_to_take_out(session: Session, contact: Contact) -> list[str]:
    """Names of letters to this person that are made and not posted yet."""
    rows = session.execute(
        select(Mailing.id, Message.id)
        .join(Message, Message.mailing_id == Mailing.id)
        .join(Invitation, Message.invitation_id == Invitation.id)
        .where(Invitation.contact_id == contact.id, Mailing.stage == "made")
    )
    found = []
    for mailing_id, message_id in rows:
        before = select(func.count(Message.id)).where(
            Message.mailing_id == mailing_id, Message.id <= message_id
        )
        found.append(f"{mailing_id}-{session.scalar(before)}")
    return found


def _details(contact):
    wishes = contact.preferences or {}
    rows = {
        "Name": contact.name,
        "Address": (contact.postal_address or "").replace("\n", ", "),
        "E-mail": contact.email,
        "Telephone": contact.telephone,
        "Asked as": (contact.perspective or "").replace("_", " "),
        "Team": contact.team and contact.team.name,
        "Language": contact.language,
        "Preferred way": wishes.get("mode"),
        "Large print": "yes" if wishes.get("large_print") else None,
        "Easy read": "yes" if wishes.get("easy_read") else None,
        "Came in": local_date(contact.created_at),
        "With": contact.contact_import_id and f"list {contact.contact_import_id}",
        "Said no to messages": contact.opted_out_at
        and local_date(contact.opted_out_at),
        "Deleted on": local_date(contact.retain_until),
    }
    return [{"What": what, "Held": text} for what, text in rows.items() if text]


def _kinds(contact):
    for key in sorted(contact.keys, key=lambda k: (k.is_about, k.kind)):
        yield ("Whom they care for" if key.is_about else "Themselves"), key.kind


def _reasons(session, contact, now):
    today = now.astimezone(LONDON).date()
    found = suppression.reasons_against(session, contact, today, heeds_opt_out=True)
    return [{"Why": suppression.REASONS[reason]} for reason in found]


def _before(session, contact):
    changes = session.scalars(
        select(ContactChange)
        .where(ContactChange.contact_id == contact.id)
        .order_by(ContactChange.contact_import_id)
    )
    names = ("name", "postal_address", "email", "telephone", "language")
    rows = []
    for change in changes:
        before = json.loads(change.before)
        held = [str(before[n]).replace("\n", ", ") for n in names if before.get(n)]
        changed_by = f"list {change.contact_import_id}"
        rows.append({"Before": changed_by, "Held": "; ".join(held)})
    return rows


def _invitations(session, contact):
    found = session.scalars(
        select(Invitation)
        .where(Invitation.contact_id == contact.id)
        .order_by(Invitation.id)
    )
    return [
        {
            "Survey": each.campaign.public_title,
            "Asked on": local_date(each.created_at),
        }
        for each in found
    ]


def _messages(session, contact, is_file):
    """Without their numbers, by which the outbox would tell why one was stopped."""
    wanted = (
        select(Message)
        .join(Invitation, Message.invitation_id == Invitation.id)
        .where(Invitation.contact_id == contact.id)
        .order_by(Message.id)
    )
    if not is_file:
        wanted = wanted.where(func.coalesce(Message.step, 1) == 1)
    return [
        {
            "By": CHANNELS[each.channel],
            "When": local_time(each.sent_at or each.due_at),
            "State": "undeliverable" if each.is_undeliverable else _coarse(each),
            "Survey": each.invitation.campaign.public_title,
        }
        for each in session.scalars(wanted)
    ]


def _thanks(session, contact):
    found = session.execute(
        select(Campaign, Thanks.given_at)
        .join(Thanks, Thanks.campaign_id == Campaign.id)
        .where(Thanks.contact_id == contact.id)
        .order_by(Thanks.id)
    )
    return [
        {
            "What": campaign.thanks,
            "Survey": campaign.public_title,
            "On": local_date(given_at),
        }
        for campaign, given_at in found
    ]


def _coarse(message):
    """How a message stands; why one was stopped could tell who answered."""
    words = {"sent": "sent", "delivered": "delivered", "uncertain": "perhaps sent"}
    return words.get(message.status, "not sent")
