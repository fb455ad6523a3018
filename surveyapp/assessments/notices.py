"""Information, privacy, help and consent as a campaign gives them, from its slots.

The web, paper and letters ask here, so that all say the same. A campaign whose slots
are not all filled, which began before there were any, gives the texts of its form.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from .. import bank
from ..bank import Document, Instrument, Part
from ..calendar import local_date
from ..models import Campaign, CampaignNotice, Contact
from ..running_config import running_config
from . import companions, notice_slots
from .unsent import UNSENT_DAYS

PLACE = re.compile(r"\{\{(\w+)\}\}")
NOTICES = ("information.v3", "help_in_distress.v3", "privacy.v3")
STATEMENTS = {
    "consent_retest": "consent_retest.v2",
    "consent_contact": "consent_contact.v2",
    "consent_sharing": "consent_sharing.v2",
}
COMMENT = "consent_comment.v1"  # asked with the comment, not before the questions
HELPED = ("telephone", "face_to_face")


@dataclass(frozen=True)
class Reader:
    """Who reads a notice, and in what way."""

    perspective: str
    mode: str = "web"
    language: str = "en"
    is_easy: bool = False
    is_letter: bool = False


def is_complete(campaign: Campaign) -> bool:
    """Whether the campaign's own notices can be given."""
    return campaign.notice is not None and not notice_slots.empty(campaign.notice)


def version_of(campaign: Campaign) -> int | None:
    """The version of the notices that are given now; None for those of the form."""
    notice = campaign.notice
    return None if notice is None or not is_complete(campaign) else notice.version


def documents_of(
    campaign: Campaign, form: Instrument, reader: Reader
) -> tuple[Document, ...]:
    """Information, help and privacy for a reader, in the order in which they stand.

    `form` is the instrument in the words of the reader; its own documents are given
    while the campaign has none.
    """
    notice = campaign.notice
    if notice is None or not is_complete(campaign):
        return tuple(d for d in form.documents if d.kind != "consent")
    values = places_of(campaign, form)
    given = (filled(bank.document(ref), reader, values, notice) for ref in NOTICES)
    return tuple(document for document in given if document.body)


def statements_of(
    campaign: Campaign,
    form: Instrument,
    reader: Reader,
    *,
    contact: Contact | None = None,
) -> tuple[Document, ...]:
    """What a person is asked to agree to: only what something follows from.

    Nobody is asked about being asked again where the campaign does not do so, or
    where it has no way to reach them: on paper no code for next time can be given.
    """
    asked = [s for s in form.statements if _follows(s.id, campaign, reader, contact)]
    if not is_complete(campaign):
        return tuple(asked)
    return tuple(_statement(s, reader) for s in asked)


def comment_statement(reader: Reader | None = None) -> Document:
    """What is asked with a comment: whether leads may read it."""
    document = bank.document(COMMENT)
    return _in_words(document, reader) if reader else document


def _follows(
    name: str, campaign: Campaign, reader: Reader, contact: Contact | None
) -> bool:
    is_asked_again = bool(campaign.waves)
    if name == "consent_retest":
        return is_asked_again and (reader.mode != "paper" or contact is not None)
    if name == "consent_contact":
        return is_asked_again and contact is not None
    return True


def _statement(statement: Document, reader: Reader) -> Document:
    ref = STATEMENTS.get(statement.id)
    return _in_words(bank.document(ref), reader) if ref else statement


def _in_words(document: Document, reader: Reader) -> Document:
    body = document.easy if reader.is_easy and document.easy else document.body
    return _in_language(replace(document, body=body), reader)


def filled(
    document: Document,
    reader: Reader,
    values: Mapping[str, str],
    notice: CampaignNotice,
) -> Document:
    """A notice for one reader, its places filled, as a document with a body."""
    purpose = "research" if notice.is_research else "service_evaluation"
    values = {**values, **{k: _ended(k, v) for k, v in notice.slots.items()}}
    passages = [
        PLACE.sub(lambda place: values[place[1]], _words(part, reader))
        for part in document.parts
        if is_for(part, reader, purpose) and (not part.needs or values[part.needs])
    ]
    return _in_language(replace(document, body=_joined(passages), parts=()), reader)


def is_for(part: Part, reader: Reader, purpose: str) -> bool:
    """Whether a passage is for this reader, in a campaign of this purpose."""
    return (
        (not part.perspective or reader.perspective in part.perspective)
        and (not part.mode or reader.mode in part.mode)
        and (not part.purpose or part.purpose == purpose)
        and (part.letter or not reader.is_letter)
    )


def _words(part: Part, reader: Reader) -> str:
    return part.easy if reader.is_easy and part.easy else part.text


def _joined(passages: Iterable[str]) -> str:
    """The text of passages; points that follow one another are one list."""
    text = ""
    for passage in passages:
        goes_on = passage.startswith("- ") and text.rpartition("\n")[2].startswith("- ")
        text += ("\n" if goes_on else "\n\n" if text else "") + passage
    return text


def _ended(name: str, value: str) -> str:
    """What was typed on one line, with a full stop where it is a sentence's end."""
    told = " ".join(value.split())
    is_name = name in ("controller", "chief", "sponsor", "retention")
    return told if is_name or told.endswith((".", "!", "?")) else f"{told}."


def _in_language(document: Document, reader: Reader) -> Document:
    """In a made-up language as it has to be; nobody has translated them yet."""
    made_up = bank.made_up_language(reader.language)
    if made_up is None:
        return document
    return replace(
        document,
        title=made_up.change(document.title),
        body="\n\n".join(_lines(document.body, made_up.change)),
    )


def _lines(body: str, change: Callable[[str], str]) -> Iterator[str]:
    """Paragraphs in a made-up language; their marks stay where they are."""
    for paragraph in body.split("\n\n"):
        lines = paragraph.split("\n")
        yield "\n".join(_marked(line, change) for line in lines)


def _marked(line: str, change: Callable[[str], str]) -> str:
    for mark in ("## ", "- "):
        if line.startswith(mark):
            return mark + change(line.removeprefix(mark))
    return change(line)


def places_of(campaign: Campaign, form: Instrument) -> dict[str, str]:
    """What the survey knows itself: who asks, how long it takes, what is kept."""
    config = running_config()
    more = len(companions.questions(companions.measures(campaign)))
    return {
        "organisation": campaign.trust.name,
        "n_questions": str(n_questions(form, more)),
        "minutes": str(minutes(form, more)),
        "closes": local_date(campaign.closes_at) if campaign.closes_at else "",
        "least": str(config.suppress_below),
        "backup_days": str(config.backup_days),
        "unsent_days": str(UNSENT_DAYS),
    }


QUESTIONS_A_MINUTE = 4


def n_questions(form: Instrument, n_more: int = 0) -> int:
    """How many questions a person gets at most, the optional ones among them.

    `n_more` are those of other measures beside the form.
    """
    items = form.adaptive.max_items if form.adaptive else len(form.items)
    beside = len(form.context) + len(form.background)
    return n_more + items + beside + bool(form.preferred_involvement) + bool(form.gate)


def minutes(form: Instrument, n_more: int = 0) -> int:
    """About how long that takes, rounded up to whole five minutes."""
    return minutes_for(n_questions(form, n_more))


def minutes_for(n: int) -> int:
    """About how long `n` questions take, rounded up to whole five minutes."""
    return 5 * -(-n // (5 * QUESTIONS_A_MINUTE))
