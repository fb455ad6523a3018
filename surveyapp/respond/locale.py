"""In which language and in which words a person reads: theirs to choose, any time.

The choice lives in this browser's session, and with the assessment once there is
one. Answers are stored as values, so changing it loses none of them.
"""

from dataclasses import replace
from functools import lru_cache

from flask import g, request, session

from .. import bank, wording
from ..assessments.journey import Journey
from ..assessments.labels import USUAL
from ..assessments.notices import Reader

EASIER = "en-easy"  # the catalogue of our own pages for who asked for easy read


def negotiate():
    """Speak the language of whoever asks for this page; before each request."""
    negotiate_for(campaign())


def negotiate_for(asking):
    """Speak the language chosen here, else the browser's or the campaign's first."""
    tags, chosen = offered(asking), session.get("language")
    if asking is not None and chosen not in tags:
        best = request.accept_languages.best_match(tags) if len(tags) > 1 else None
        chosen = best or tags[0]
    here = g._get_current_object()
    here.offered = tags
    here.language = chosen or "en"  # wording.spoken() reads it when a word is needed
    if edition():
        wording.ease(EASIER)


def campaign():
    """The campaign of this visit, or None."""
    visit = g.get("visit")
    return visit and visit.invitation.campaign


def offered(asking):
    """Tags of the languages of a campaign, in its order; `en` where there is none."""
    return asking.languages if asking is not None and asking.languages else ["en"]


def edition():
    """The edition chosen here, such as `easy_read.v1`; None for the usual words."""
    chosen = session.get("display", {}).get("words")
    return None if chosen in (None, USUAL) else chosen


def editions(refs):
    """Reference -> name of the editions that all of these instruments have."""
    common = None
    for ref in refs:
        held = {each.ref: each.name for each in bank.editions(ref).values()}
        common = held if common is None else {r: held[r] for r in common if r in held}
    return common or {}


def shown(form):
    """A form in the words that this person reads; what stays English is marked so."""
    given, g.form_is_english = _worded(form, wording.spoken(), edition())
    return given


def _worded(form, here, edition):
    """A form in these words, and whether it stays English on a page that is not."""
    given = bank.worded(form, language=here.tag, edition=edition)
    stays = not here.is_english and given.language.startswith("en-GB")
    return (bank.mapped(given, _as_english) if stays else given), stays


def _as_english(text):
    """A line marked as English; longer texts are marked where they are shown."""
    return text if "\n" in text else wording.in_english(text)


def reader_of(form):
    """Who reads the notices on this page, and in which words."""
    visit, here = g.get("visit"), wording.spoken()
    mode = visit.mode if visit is not None else "web"
    return Reader(form.perspective, mode, here.tag, edition() is not None)


def shown_along(journey):
    """A journey whose pages are in the words that this person reads."""
    words = wording.spoken(), edition(), bank.state()
    made = _along if type(journey) is Journey else _along.__wrapped__
    found, g.form_is_english = made(journey, *words)
    return found


@lru_cache(maxsize=1024)
def _along(journey, here, edition, _state):
    """The same for all who are asked alike, until the bank holds something new."""
    given, stays = _worded(journey.instrument, here, edition)
    if given is journey.instrument:
        return journey, stays  # with its pages already laid out
    asked = {q.id for q in journey.follow_up}
    follow_up = tuple(q for q in given.follow_up if q.id in asked)
    return replace(journey, instrument=given, follow_up=follow_up), stays


def choose(tag):
    """Read in this language from now on, wherever it is offered; False if unknown."""
    if wording.language(tag).tag != tag:
        return False
    session["language"] = tag
    negotiate()
    return wording.spoken().tag == tag


def remember(assessment):
    """Bring the language of an assessment begun elsewhere to this browser."""
    if assessment is not None:
        session["language"] = assessment.language


def forget():
    session.pop("language", None)
