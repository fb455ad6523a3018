"""What a campaign says of itself in its notices: the slots, and what is still empty.

The texts around them are the bank's. Every slot is a draft until the
information-governance lead of the trust has agreed to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..models import CampaignNotice

LONGEST = 400  # letters of a slot
LONGEST_RETENTION = 240  # months


@dataclass(frozen=True)
class Slot:
    """One thing that only the trust can say, with what helps to say it."""

    id: str
    label: str
    hint: str
    suggestion: str = ""
    research_only: bool = False


SLOTS = (
    Slot(
        "controller",
        "Who is the data controller?",
        "The full name of the organisation, as registered",
    ),
    Slot(
        "dpo",
        "How can people reach the data protection officer?",
        "An email address and a telephone number",
    ),
    Slot(
        "basis_article_6",
        "What is the lawful basis for the answers (UK GDPR article 6)?",
        "Your information-governance lead chooses it. Many trusts use the suggestion",
        "It is a task in the public interest (UK GDPR article 6(1)(e)).",
    ),
    Slot(
        "basis_article_9",
        "What is the basis for health and other special categories (article 9)?",
        "For a service evaluation often 9(2)(h); for research often 9(2)(j)",
        "It is needed to manage health care (UK GDPR article 9(2)(h)).",
    ),
    Slot(
        "retention",
        "After how many months are answers deleted?",
        "A whole number, counted from when a person sends them. The survey deletes "
        "them then; a longer time holds for those who agree later",
    ),
    Slot(
        "processors",
        "Who works for you and may hold the data?",
        "Hosts, mailing houses and others under contract. If nobody does, say so",
    ),
    Slot(
        "complaints",
        "Where can people complain to you about the use of their data?",
        "Your own route, which comes before the regulator",
    ),
    Slot(
        "regulator",
        "Which regulator can they complain to?",
        "Its name and how to reach it",
        "the Information Commissioner. Telephone: 0303 123 1113.",
    ),
    Slot(
        "crisis_line",
        "Which number can people call in a crisis, where they live?",
        "Your local line for mental health, by day and by night",
    ),
    Slot(
        "pals",
        "Where can people ask about care, or complain of it?",
        "The patient advice and liaison service, or what you have in its place",
    ),
    Slot(
        "advocacy",
        "Who can speak up with people?",
        "The advocacy service in your area",
    ),
    Slot(
        "carers_support",
        "Who supports carers?",
        "A local service, or a national one",
    ),
    Slot(
        "approval",
        "Under which number was it approved?",
        "The audit or evaluation number; for research the ethics reference",
    ),
    Slot(
        "address_source",
        "Where do you have names and addresses from?",
        "If you write to nobody, say so",
    ),
    Slot(
        "survey_team",
        "How can people reach the survey team?",
        "A telephone number and an email address",
    ),
    Slot(
        "results",
        "How can people hear what came of it?",
        "A web page, a poster, a meeting, and when",
    ),
    Slot(
        "thanks",
        "Is there a thank-you, such as a voucher?",
        "If there is none, say so",
    ),
    Slot(
        "chief",
        "Who is the chief investigator?",
        "For research",
        research_only=True,
    ),
    Slot(
        "sponsor",
        "Who is the sponsor?",
        "For research",
        research_only=True,
    ),
)
IDS = tuple(slot.id for slot in SLOTS)


def asked_of(is_research: bool) -> tuple[Slot, ...]:
    """The slots that a campaign of this purpose fills in."""
    return tuple(slot for slot in SLOTS if is_research or not slot.research_only)


def empty(notice: CampaignNotice | None) -> tuple[Slot, ...]:
    """The slots that are still empty; all of them where nothing was filled in."""
    if notice is None:
        return asked_of(False)
    asked = asked_of(notice.is_research)
    return tuple(slot for slot in asked if not notice.slots.get(slot.id))


def problems_of(slots: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by slot, with what was typed; an empty one is no problem here."""
    found = {
        name: f"Use {LONGEST} letters at most"
        for name, text in slots.items()
        if len(text) > LONGEST
    }
    months = slots.get("retention", "")
    if months and not _is_retention(months):
        found["retention"] = f"Enter a whole number from 1 to {LONGEST_RETENTION}"
    return found


def _is_retention(text: str) -> bool:
    is_number = text.isascii() and text.isdecimal() and len(text) <= 6
    return is_number and 1 <= int(text) <= LONGEST_RETENTION


def months_of(notice: CampaignNotice | None) -> int | None:
    """After how many months answers are deleted; None where it is not said."""
    said = notice.slots.get("retention") if notice is not None else None
    return int(said) if said else None
