"""What can be printed of a campaign: for whom, in which languages and editions."""

from dataclasses import dataclass

from .. import audit, bank
from ..assessments import notices
from ..assessments.labels import PERSPECTIVES
from ..assessments.questions import whole_form
from ..errors import InvalidAnswers

MOST_LINES, LONGEST_LINE = 8, 60
NAMES = {
    "standard": "Standard print, 12 point",
    "compact": "Compact print, 12 point, in grids on few pages",
    "large_print": "Large print, 18 point",
    "easy_read": "Easy read, with pictures",
}


@dataclass(frozen=True)
class Choice:
    """What is to be printed: for whom, in which language and edition."""

    perspective: str
    language: str
    edition: str


@dataclass(frozen=True)
class Step:
    """How far the choices are: what is chosen, what is asked next, and of what.

    `asks` is None where all is chosen; `choices` is value -> words of what is asked.
    """

    chosen: dict
    asks: str | None
    choices: dict


def next_step(campaign, sent):
    """The first choice that is still open, as `sent` has them; one of one is made."""
    chosen = {}
    for name in ("perspective", "edition", "language"):
        choices = _choices(campaign, name, chosen)
        value = sent.get(name, "")
        if value not in choices:
            if len(choices) != 1:
                return Step(chosen, name, choices)
            value = next(iter(choices))
        chosen[name] = value
    return Step(chosen, None, {})


def _choices(campaign, name, chosen):
    if name == "perspective":
        return {each: PERSPECTIVES[each].many for each in campaign.perspectives}
    offered_to = offered(campaign)[chosen["perspective"]]
    if name == "edition":
        known = {choice.edition for choice in offered_to}
        return {each: words for each, words in NAMES.items() if each in known}
    of_edition = {c.language for c in offered_to if c.edition == chosen["edition"]}
    names = languages_of(campaign, chosen["perspective"])
    return {tag: words for tag, words in names.items() if tag in of_edition}


def has_addresses(campaign):
    """Whether paper can say where it goes back to, and whom to ask."""
    return bool(lines_of(campaign.return_address) and contact_of(campaign))


def lacks_notices(campaign):
    """Whether a draft does not say yet what stands on paper of it."""
    return campaign.is_draft and not notices.is_complete(campaign)


def problems_of(campaign, choice):
    """What stands in the way of printing, by field."""
    problems = {}
    if choice.perspective not in campaign.perspectives:
        return {"perspective": "Choose who the form is for"}
    if choice.language not in languages_of(campaign, choice.perspective):
        problems["language"] = "Choose a language of the campaign"
    if choice.edition not in editions_of(campaign, choice):
        problems["edition"] = "Choose an edition that this form has"
    if not lines_of(campaign.return_address):
        problems["return_address"] = "Enter the address that forms are sent back to"
    if lacks_notices(campaign):
        problems["notice"] = "Fill in what the notices say: this form has them on it"
    if not contact_of(campaign):
        problems["contact"] = "Enter how people can reach you"
    return problems


def offered(campaign):
    """Every choice that there is, by perspective; the first is the usual one."""
    return {
        perspective: [
            choice
            for language in languages_of(campaign, perspective)
            for edition in NAMES
            if is_known(campaign, choice := Choice(perspective, language, edition))
        ]
        for perspective in campaign.perspectives
    }


def is_known(campaign, choice):
    """Whether a form can be shown so; in a made-up language too, to look at."""
    if choice.perspective not in campaign.perspectives:
        return False
    known = languages_of(campaign, choice.perspective)
    made_up = bank.made_up_language(choice.language) is not None
    in_language = made_up or choice.language in known
    return in_language and choice.edition in editions_of(campaign, choice)


def save_addresses(session, campaign, *, return_address, contact, actor):
    """Keep what paper says of where to send it and whom to ask. Commits."""
    given = {"return_address": return_address, "contact": contact}
    problems = {
        name: f"Use {MOST_LINES} lines at most, each of {LONGEST_LINE} letters at most"
        for name, text in given.items()
        if len(lines_of(text)) > MOST_LINES
        or any(len(line) > LONGEST_LINE for line in lines_of(text))
    }
    if problems:
        raise InvalidAnswers(problems)
    for name, text in given.items():
        setattr(campaign, name, "\n".join(lines_of(text)))
    audit.record(
        session,
        actor=actor,
        action="campaign.addresses",
        subject=campaign,
    )
    session.commit()


def languages_of(campaign, perspective):
    """Tag -> name of the campaign's languages that the form has."""
    known = bank.languages(whole_form(campaign, perspective).ref)
    return {tag: name for tag, name in known.items() if tag in campaign.languages}


def all_languages(campaign):
    """Tag -> name, of those that any form of the campaign has."""
    found = {}
    for perspective in campaign.perspectives:
        found |= languages_of(campaign, perspective)
    return found


def editions_of(campaign, choice):
    """Name -> what it is, of the editions that can be printed of this form."""
    written = bank.editions(whole_form(campaign, choice.perspective).ref)
    is_english = choice.language.partition("-")[0] == "en"
    return {
        name: text
        for name, text in NAMES.items()
        if name != "easy_read" or (name in written and is_english)
    }


def in_words(form, choice):
    """A form in the words of the language and the edition."""
    edition = choice.edition if choice.edition == "easy_read" else None
    return bank.worded(form, language=choice.language, edition=edition)


def contact_of(campaign):
    """How to reach the survey team, as lines: those for paper, or what notices say."""
    said = campaign.notice.slots.get("survey_team") if campaign.notice else ""
    return lines_of(campaign.contact) or lines_of(said)


def lines_of(text):
    """The lines of an address, without empty ones."""
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())
