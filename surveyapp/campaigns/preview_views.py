"""Preview: the whole journey as each perspective would see it, stored nowhere."""

import re
from dataclasses import replace

from flask import (
    Blueprint,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_security import current_user
from itsdangerous import BadData, URLSafeSerializer

from .. import bank
from ..assessments.labels import PERSPECTIVES, USUAL
from ..auth.access import admit, reaches, within_reach
from ..errors import NotFound
from ..extensions import db
from ..models import Campaign
from ..models.staff import COORDINATOR
from ..paper import print_options as paper
from ..respond import preview as journey
from ..respond import preview_answers
from ..respond.preferences import CHOICES, EASY_READ, USUAL_WORDS

bp = Blueprint("preview", __name__, url_prefix="/preview/<int:campaign_id>")
bp.before_request(admit())
IN = re.compile(r"survey/[a-z0-9-]+")  # a page to which one may come back
FOR_AN_HOUR = 3600
LONGEST = 3800  # letters; a browser drops a cookie of more than 4096
ENDS = (journey.START, "finish", "withdraw")  # buttons after which all is let go
INSIDE = "/<perspective>/<language>/<look>/<path:path>"


@bp.get("/")
def choose(campaign_id):
    """As whom, in which language and how to look at the journey."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    asked = request.args.get("perspective")
    if asked in campaign.perspectives:
        seen = seen_as(campaign, asked, request.args.get("language", "en"), _look())
        at = request.args.get("at", "")
        return redirect(_address(seen, at if IN.fullmatch(at) else journey.START), 303)
    return render_template(
        "campaigns/preview.html", campaign=campaign, **_choices(campaign)
    )


def _choices(campaign):
    refs = [campaign.instrument_ref(name) for name in campaign.perspectives]
    editions = dict.fromkeys(e.ref for ref in refs for e in bank.editions(ref).values())
    words = {USUAL: USUAL_WORDS} | {ref: EASY_READ for ref in editions}
    first = campaign.perspectives[0]
    return {
        "perspectives": {n: PERSPECTIVES[n].one for n in campaign.perspectives},
        "languages": journey.Seen(campaign, first).languages,
        "papers": paper.offered(campaign) if _sees_paper(campaign) else {},
        "editions": paper.NAMES,
        "looks": {"words": ("Words", words)} | CHOICES,
    }


def _sees_paper(campaign):
    """Paper forms are the coordinator's; a researcher sees the pages alone."""
    return reaches(current_user, campaign, COORDINATOR)


def _look():
    """The display choices of the form that are not as usual, as part of an address."""
    held = [(name, request.args.get(name)) for name in ("words", *CHOICES)]
    return ",".join(f"{n}:{v}" for n, v in held if v not in (None, "", USUAL)) or USUAL


def seen_as(campaign, perspective, language, look):
    """How the campaign is looked at; NotFound for what it does not have."""
    seen = journey.Seen(campaign, perspective, language, look)
    known = {
        name: set(options) for name, (_, options) in _choices(campaign)["looks"].items()
    }
    has_look = all(value in known.get(name, ()) for name, value in seen.display.items())
    tags = {each.tag for each in seen.languages}
    if perspective not in campaign.perspectives or language not in tags or not has_look:
        raise NotFound()
    return seen


def _address(seen, path):
    return url_for(
        ".show",
        campaign_id=seen.campaign.id,
        perspective=seen.perspective,
        language=seen.language,
        look=seen.look,
        path=path,
    )


def _seen(campaign_id, perspective, language, look):
    campaign = within_reach(db.session, Campaign, campaign_id)
    seen = seen_as(campaign, perspective, language, look)
    return replace(seen, given=_tried(seen))


def _cookie():
    """The name of the cookie in which a browser holds what is tried, and its seal."""
    name = current_app.config["PROM"].cookie_name("preview")
    return name, URLSafeSerializer(current_app.secret_key, salt="preview")


def _tried(seen):
    """What was tried so far in this preview, as this perspective; else nothing."""
    name, seal = _cookie()
    try:
        of, given = seal.loads(request.cookies.get(name, ""))
    except (BadData, TypeError, ValueError):
        return {}
    return given if of == [seen.campaign.id, seen.perspective] else {}


def _sent(seen):
    return preview_answers.sent_fields(journey.ref_of(seen), request.form)


def _held(response, seen, path):
    """The response, with what this page's form adds to what is tried."""
    name, seal = _cookie()
    secure = current_app.config["PROM"].over_tls
    if path in ENDS:
        response.delete_cookie(name, secure=secure, httponly=True)
        return response
    given = seen.given | _sent(seen)
    of = [seen.campaign.id, seen.perspective]
    sealed = seal.dumps([of, given])
    if len(sealed) > LONGEST:  # a long comment; the answers stay
        sealed = seal.dumps([of, {n: v for n, v in given.items() if n != "comment"}])
    response.set_cookie(
        name,
        sealed,
        max_age=FOR_AN_HOUR,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
    return response


@bp.get(INSIDE)
def show(path, **how):
    """One page of the journey, marked as a preview."""
    seen = _seen(**how)
    if path.rstrip("/") in ("display", "survey"):  # how pages look is chosen outside
        return redirect(url_for(".choose", campaign_id=seen.campaign.id), 303)
    g.preview = {
        "who": PERSPECTIVES[seen.perspective].one,
        "words": "easy read" if "words" in seen.display else "",
        "language": next(e.name for e in seen.languages if e.tag == seen.language),
        "leave": url_for(
            ".choose",
            campaign_id=seen.campaign.id,
            at=path if IN.fullmatch(path) else None,
        ),
    }
    return journey.page(seen, path, _address(seen, "-").removesuffix("-"))


@bp.post(INSIDE)
def press(path, **how):
    """Where the button of a page leads; what was chosen stays in the browser."""
    seen = _seen(**how)
    if path == "display/language":
        how["language"] = request.form.get("language", "en")
        back = request.args.get("back", "").lstrip("/").partition("?")[0]
        there = _address(_seen(**how), back or journey.START)
        return _held(redirect(there, 303), seen, path)
    if path == "display/choose":
        at = request.args.get("back", "").lstrip("/").partition("?")[0]
        there = url_for(".choose", campaign_id=seen.campaign.id, at=at)
        return _held(redirect(there, 303), seen, path)
    # What is asked next may follow from what was chosen here.
    seen = replace(seen, given=seen.given | _sent(seen))
    perspective, following = journey.after(seen, path, request.form)
    how["perspective"] = perspective
    return _held(redirect(_address(_seen(**how), following), 303), seen, path)


@bp.app_context_processor
def marks():
    """What the frame says of a preview, on every page of one."""
    return {"preview": g.get("preview")}
