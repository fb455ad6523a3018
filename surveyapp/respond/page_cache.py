"""Pages of questions, made once for everybody who is shown the same one.

What is kept has a hole wherever two people differ: the form's token, the nonce, the
name of the trust, and the mark of each option. A page is known by its journey, which
is one for all who are asked alike, and by how it is looked at. It is filled for each
request, and what it was filled with is kept for none.
"""

import re
import secrets
from dataclasses import dataclass, replace
from functools import lru_cache

from flask import current_app, g, render_template, request, session
from markupsafe import Markup, escape

from ..assessments.journey import Journey
from ..headers import nonce_of
from ..signed_session import form_token
from ..wording import spoken
from . import forms, presenter

MOST = 2048  # of some 12 kB each
EDGE = secrets.token_hex(16)  # of a hole: no text has it
HOLE = re.compile(f"{EDGE}(.*?){EDGE}")
QUERIES = {b"", b"from=check", b"ask=1", b"from=check&ask=1", b"ask=1&from=check"}
TOKEN, NONCE, TRUST = "token", "nonce", "trust"


def serves(journey, number, replies):
    """Whether this request shows what others are shown too, but for the holes.

    Not what was just sent, nor a preview, nor a journey that one person has alone, nor
    a category that only who chose it before is shown still.
    """
    asked = request._get_current_object()
    return (
        asked.method != "POST"
        and type(journey) is Journey
        and journey.instrument.adaptive is None  # all questions have what was chosen
        and g.get("preview") is None
        and asked.query_string in QUERIES
        and asked.path == f"/survey/{number}"
        and all(_is_offered(item, replies) for item in journey.page(number))
    )


def _is_offered(item, replies):
    """Whether what was chosen is among what an edition with fewer steps offers."""
    held, reply = item.responses, replies.get(item.id)
    if not held.steps or not reply or reply in item.reasons:
        return True
    return int(reply) in held.offered


def page(journey, number, replies, back):
    """The text of a page, with `replies` by item and this request's own secrets."""
    kept = kept_page(current_app.jinja_env, journey, number, back, _look())
    own = {
        TOKEN: form_token(),
        NONCE: nonce_of(request.environ),
        TRUST: str(escape(g.visit.invitation.campaign.trust.name)),
    }
    return kept.filled(own, replies)


def _look():
    """All else that the template reads."""
    display, read = session.get("display", {}), vars(g._get_current_object())
    asked = request._get_current_object()
    return (
        asked.script_root,
        asked.query_string,
        display.get("size"),
        display.get("colours"),
        display.get("words"),
        spoken().tag,
        read.get("easier"),
        read.get("form_is_english"),
        tuple(read["offered"]),
    )


@lru_cache(maxsize=MOST)
def kept_page(_environment, journey, number, back, _look):
    """A page with holes, made by its template when it is first asked for."""
    items = journey.page(number)
    form = forms.make_form(forms.item_fields(journey.instrument, items))
    asks_again = "ask" in request.args
    view = presenter.item_page(journey, number, form, back=back, asks_again=asks_again)
    text = render_template(
        "respond/questions.html",
        page=replace(view, questions=tuple(map(_with_holes, view.questions))),
        csrf_token=lambda: _hole(TOKEN),
        csp_nonce=_hole(NONCE),
        organisation=_hole(TRUST),
    )
    return KeptPage.of(text, view.questions)


@dataclass(frozen=True)
class KeptPage:
    """The pieces of a page: what is the same for all, and between it names of holes.

    `hidden` are the options that are seen only where they are chosen.
    """

    pieces: list
    names: list
    hidden: frozenset

    @classmethod
    def of(cls, text, questions):
        pieces = HOLE.split(text)
        hidden = {_option(q.name, o.value) for q in questions for o in q.hidden}
        return cls(pieces, pieces[1::2], frozenset(hidden))

    def filled(self, own, replies):
        """The text, with what is the person's own and with their replies marked."""
        values = dict(own)
        for item_id, reply in replies.items():
            option = _option(item_id, reply)
            values[option] = presenter.CHECKED
            if option in self.hidden:
                values[item_id] = presenter.OPEN
        pieces = self.pieces.copy()
        pieces[1::2] = [values.get(name, "") for name in self.names]
        return "".join(pieces)


def _hole(name):
    """What the template prints where something is put in for each request."""
    return Markup(f"{EDGE}{name}{EDGE}")


def _option(item_id, value):
    return f"{item_id}={value}"


@dataclass(frozen=True)
class OptionWithHole(presenter.Option):
    mark: str = ""


@dataclass(frozen=True)
class QuestionWithHoles(presenter.Question):
    opens: str = ""


def _with_holes(question):
    def options(these):
        return tuple(
            OptionWithHole(**vars(o), mark=_hole(_option(question.name, o.value)))
            for o in these
        )

    words = vars(question) | {
        "options": options(question.options),
        "hidden": options(question.hidden),
    }
    return QuestionWithHoles(**words, opens=_hole(question.name))
