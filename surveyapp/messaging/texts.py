"""What messages say: the usual words, and a campaign's own, by kind and language.

A place such as `{link}` is filled for each person. A line of which a place has
nothing, such as the date of a campaign that stays open, is left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import audit, bank
from ..errors import InvalidAnswers
from ..models import Campaign, MessageText

KINDS = {"first": "First message", "reminder": "Reminder"}
CHANNELS = {"email": "E-mail", "sms": "Text message", "print": "Letter"}
PLACE = re.compile(r"\{(\w+)\}")
PLACES = {
    "greeting": "Dear, and the person's name",
    "about": "What it is about, for a service user or a carer",
    "organisation": "The trust",
    "title": "The survey's title",
    "n_questions": "How many questions there are at most",
    "minutes": "About how many minutes it takes",
    "closes": "The day after the last one: answers are taken before it",
    "address_source": "How the trust has the address",
    "survey_team": "How to reach the survey team",
    "link": "The person's own link",
    "code": "The person's own code",
    "opt_out": "How to say that no more should come",
}
NEEDED = {"email": ("greeting", "link", "opt_out"), "sms": ("link", "opt_out")}
# A letter has these in places of its own.
ITS_OWN = ("greeting", "link", "code", "opt_out")
LONGEST = {"email": 4000, "sms": 459, "print": 2500}  # letters; three parts of a text
CHOICE = "It is your choice. You do not have to take part, and nothing changes if not."
SIZE = (
    "There are up to {n_questions} questions. It takes about {minutes} minutes.\n"
    "Please answer before {closes}."
)
HELP = (
    "Do you need help now? Call 111 and choose the mental health option. To talk to "
    "someone, call Samaritans on 116 123."
)
FOOT = f"""You can ask us: {{survey_team}}
We have your address from {{address_source}}

{HELP}

You do not want to hear from us again? {{opt_out}}

{{organisation}}"""
USUAL = {
    ("first", "email"): (
        "Your say in your care: a few questions",
        "{greeting}\n\n{about}\n\nWill you tell us how it has been for you?\n"
        f"{SIZE}\n\n{CHOICE}"
        "\n\nTo begin, open this link. It is for you alone.\n{link}"
        f"\n\n{FOOT}",
    ),
    ("reminder", "email"): (
        "There is still time to tell us",
        "{greeting}\n\nWe wrote to you some days ago. {about}\n\nThere is still time "
        f"to tell us.\n{SIZE}\n\n{CHOICE}"
        "\n\nThis link is for you alone.\n{link}"
        f"\n\n{FOOT}",
    ),
    ("first", "sms"): (
        "",
        "{organisation} would like to know how much say you have in your care. It is "
        "your choice. {link} No more texts? {opt_out}",
    ),
    ("reminder", "sms"): (
        "",
        "{organisation}: there is still time to tell us how much say you have in your "
        "care. It is your choice. {link} No more texts? {opt_out}",
    ),
    ("first", "print"): (
        "",
        f"{{about}}\n\nWill you tell us how it has been for you?\n{SIZE}\n\n{CHOICE}"
        "\n\nWe have your address from {address_source}",
    ),
    ("reminder", "print"): (
        "",
        "We wrote to you some weeks ago. {about}\n\nThere is still time to tell us.\n"
        f"{SIZE}\n\n{CHOICE}\n\nWe have your address from {{address_source}}",
    ),
}
LIMIT = 7.0  # school grade above which a text is marked as hard


@dataclass(frozen=True)
class Words:
    """A subject and a body with places; `ref` says whose they are."""

    ref: str
    subject: str
    body: str


def words_of(
    session: Session, campaign: Campaign, kind: str, channel: str, language: str
) -> Words:
    """The campaign's newest words in a language, else in English, else the usual."""
    for tag in dict.fromkeys((language, "en")):
        own = _newest(session, campaign, kind, channel, tag)
        if own is not None:
            return Words(f"own:{own.id}", own.subject, own.body)
    subject, body = USUAL[kind, channel]
    return Words(f"usual:{kind}.{channel}", subject, body)


def _newest(
    session: Session, campaign: Campaign, kind: str, channel: str, language: str
) -> MessageText | None:
    named = {"kind": kind, "channel": channel, "language": language}
    return session.scalar(
        select(MessageText)
        .filter_by(campaign_id=campaign.id, **named)
        .order_by(MessageText.version.desc())
        .limit(1)
    )


def is_own(
    session: Session, campaign: Campaign, kind: str, channel: str, language: str
) -> bool:
    """Whether the campaign has words of its own in this very language."""
    return _newest(session, campaign, kind, channel, language) is not None


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its places filled; lines of which a place is empty go."""
    lines = [
        PLACE.sub(lambda place: values.get(place[1], place[0]), line)
        for line in text.splitlines()
        if all(values.get(name, name) for name in PLACE.findall(line))
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def problems_of(channel: str, subject: str, body: str) -> dict[str, str]:
    """What is wrong with words, by field."""
    problems = {}
    unknown = {*PLACE.findall(subject + body)} - {*PLACES}
    lacking = [name for name in NEEDED.get(channel, ()) if f"{{{name}}}" not in body]
    if not body.strip():
        problems["body"] = "Enter what the message says"
    elif unknown:
        problems["body"] = f"There is no place {{{sorted(unknown)[0]}}}"
    elif lacking:
        problems["body"] = f"Put in {{{lacking[0]}}}: {PLACES[lacking[0]].lower()}"
    elif channel == "print" and {*PLACE.findall(body)} & {*ITS_OWN}:
        problems["body"] = "A letter has greeting, code and link in places of its own"
    elif len(body) > LONGEST[channel]:
        problems["body"] = f"Use {LONGEST[channel]} letters at most"
    if channel == "email" and not subject.strip():
        problems["subject"] = "Enter a subject"
    return problems


def keep(
    session: Session,
    campaign: Campaign,
    kind: str,
    channel: str,
    language: str,
    *,
    subject: str,
    body: str,
    actor: str,
    now: datetime,
) -> None:
    """Keep a campaign's own words as a new version; what was sent stays. Commits.

    Raises InvalidAnswers with what is wrong, by field.
    """
    body = body.replace("\r\n", "\n").strip()
    problems = problems_of(channel, subject, body)
    if (kind, channel) not in USUAL or language not in campaign.languages:
        problems["language"] = "Choose a language of the campaign"
    if problems:
        raise InvalidAnswers(problems)
    named = {"kind": kind, "channel": channel, "language": language}
    newest = select(func.max(MessageText.version))
    before = session.scalar(newest.filter_by(campaign_id=campaign.id, **named)) or 0
    session.add(
        MessageText(
            campaign_id=campaign.id,
            version=before + 1,
            subject=subject.strip()[:200],
            body=body,
            made_at=now,
            **named,
        )
    )
    audit.record(
        session,
        actor=actor,
        action="message_text.changed",
        subject=campaign,
        at=now,
        version=before + 1,
        **named,
    )
    session.commit()


def note_seen(
    session: Session, campaign: Campaign, *, actor: str, now: datetime
) -> None:
    """Note that somebody has read a message as it will be got. Commits."""
    campaign.test_message_seen_at = now
    audit.record(
        session, actor=actor, action="message_text.seen", subject=campaign, at=now
    )
    session.commit()


def places_for(channel: str) -> dict[str, str]:
    """Place -> what stands there, of those that a channel's words may have."""
    own = ITS_OWN if channel == "print" else ()
    return {name: said for name, said in PLACES.items() if name not in own}


def grade_of(text: str) -> tuple[float, tuple[str, ...]]:
    """The school grade at which a filled text is read, and its hard words.

    Addresses of pages and of mailboxes are no words of it.
    """
    plain = re.sub(r"\S*(?:://|@)\S*", "", text)
    found = bank.readability(plain)
    return found.grade, found.hard_words
