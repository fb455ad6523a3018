"""The journey as somebody would see it, from records that are never stored.

The views of the journey themselves make each page, for a visit and an assessment
that are in no session; what they would lead to is put back under the preview.
"""

import re
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import current_app, g, render_template, request, session
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import HTTPException

from .. import bank, wording
from ..assessments import adaptive, start
from ..assessments.consent import refuses
from ..assessments.journey import journey_of
from ..database import utc_now
from ..errors import NotFound
from ..extensions import db
from ..models import Invitation, Respondent, RespondentSession
from . import locale, preview_answers

START = "s"
OPENING = ("survey/information", "survey/consent", "survey/disagree")
OTHER_PAGES = {"withdraw", "withdrawn", "finished"}
MADE_UP = ("en-XA", "ar-XB")
RECEIPT = "PREVIEW2PREV"
# An address that only a visit opens, in a link, a form or a redirect.
_INNER = re.compile(r'((?:href|action)=")/((?:survey|display|withdraw|finish)\b)')


@dataclass(frozen=True)
class Seen:
    """As whom, in which language and how the journey is looked at."""

    campaign: object
    perspective: str
    language: str = "en"
    look: str = "usual"  # the choices of the display page that are not as usual
    given: dict = field(default_factory=dict)  # what was tried so far, by field

    @property
    def display(self):
        """The choices as the display page keeps them: `words:easy_read.v1,...`."""
        pairs = (part.split(":") for part in self.look.split(",") if ":" in part)
        return {pair[0]: pair[-1] for pair in pairs}

    @property
    def languages(self):
        """Those of the campaign, and the made-up ones, which only a preview shows."""
        tags = dict.fromkeys([*self.campaign.languages, *MADE_UP])
        return [wording.language(tag) for tag in tags]


def page(seen, path, base):
    """The page at `path` of the journey, with its links led back under `base`.

    Raises NotFound where the journey has no such page for this perspective.
    """
    generate_csrf()  # kept for the request, so that the page's forms carry it
    with _inside(seen, path), db.session.no_autoflush:
        if path == START:
            text = render_template("respond/start.html", **_of_the_start(seen))
        else:
            text = _made_by_its_view(path)
    return _INNER.sub(rf"\g<1>{base}\g<2>", text)


@contextmanager
def _inside(seen, path):
    """A request of nobody's, for `path`, whose records are let go of at its end."""
    with current_app.test_request_context(f"/{path}", base_url=request.host_url):
        session["display"] = seen.display
        g.assessment = None if path in OPENING else assessment(seen, path)
        g.visit, g.journey = visit(seen, g.assessment), None
        g.offered = [each.tag for each in seen.languages]
        wording.speak(seen.language)
        if locale.edition() and locale.editions([ref_of(seen)]):
            wording.ease(locale.EASIER)
        try:
            yield
        finally:
            db.session.rollback()


def _of_the_start(seen):
    campaign = seen.campaign
    return {"campaign": campaign, "organisation": campaign.trust.name}


def _made_by_its_view(path):
    """What the view of this address answers to a GET."""
    try:
        endpoint, values = current_app.url_map.bind("").match(f"/{path}")
    except HTTPException as problem:
        raise NotFound() from problem
    if path not in OTHER_PAGES and not endpoint.startswith("respond."):
        raise NotFound()
    answer = current_app.make_response(current_app.view_functions[endpoint](**values))
    if answer.status_code != 200:
        raise NotFound()
    return answer.get_data(as_text=True)


def ref_of(seen):
    return seen.campaign.instrument_ref(seen.perspective)


def visit(seen, begun):
    """A visit by an open link, or by one's own where there is nothing to choose."""
    several = seen.perspective in start.role_choices(seen.campaign)
    settled = None if several and len(seen.campaign.perspectives) > 1 else True
    invitation = Invitation(
        campaign=seen.campaign,
        perspective=settled and seen.perspective,
        is_open=True,
    )
    return RespondentSession(invitation=invitation, assessment=begun, mode="web")


def assessment(seen, path):
    """An assessment with what was tried so far, as far along as the page needs."""
    is_done = path.endswith("/done")
    begun = start.new_assessment(
        seen.campaign,
        seen.perspective,
        respondent=Respondent(pseudonym=""),
        mode="web",
        wave=1,
        position="role" if path.endswith("/role") else None,
        presentation=seen.display,
        language=seen.language,
        started_at=utc_now(),
        submitted_at=utc_now() if is_done else None,
        receipt_code=RECEIPT,
    )
    adaptive.example(begun)
    preview_answers.fill(begun, seen.given, now=utc_now())
    return begun


def after(seen, path, form):
    """Where pressing the button of a page would lead, and as whom."""
    roles = start.role_choices(seen.campaign)
    role = form.get("role", seen.perspective)
    last = path.removeprefix("survey/")
    if path == START:
        return seen.perspective, "survey/information"
    if last == "consent":
        if _says_no(seen, form):
            return seen.perspective, "survey/disagree"
        several = len(roles) > 1 and seen.perspective in roles
        return seen.perspective, f"survey/{'role' if several else 'before-you-start'}"
    if last in ("role", "again"):
        return (role if role in roles else seen.perspective), "survey/before-you-start"
    fixed = {"submit": "survey/done", "finish": "finished", "withdraw": "withdrawn"}
    fixed["agreed"] = "survey/agreed"
    if last in fixed:
        return seen.perspective, fixed[last]
    journey = journey_of(assessment(seen, path))
    last = journey.gate_stop if last == "care-plan" else last
    if last not in journey.stops:
        raise NotFound()
    return seen.perspective, f"survey/{journey.after(last)}"


def _says_no(seen, form):
    return refuses(bank.instrument(ref_of(seen)), form)
