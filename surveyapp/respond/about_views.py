"""The pages anybody may read: help, privacy, cookies, accessibility."""

from flask import Blueprint, current_app, g, redirect, render_template, request
from flask_security import current_user

from .. import bank
from ..assessments import notices
from ..assessments.documents import paragraphs
from ..assessments.unsent import UNSENT_DAYS
from ..wording import say
from . import address_slips, locale, respondent_session

bp = Blueprint("about", __name__, url_prefix="/about")


@bp.before_request
def anyone_may_read():
    """These pages ask for no sign-in and no link."""
    respondent_session.find_visit()
    locale.negotiate()


@bp.before_app_request
def at_an_unknown_address():
    """On to the page that was meant; else one in the language chosen before."""
    if request.url_rule is not None:
        return None
    meant = address_slips.meant(request.path) if request.method == "GET" else None
    if meant is not None:
        return redirect(meant)
    respondent_session.find_visit()
    locale.negotiate()
    return None


@bp.get("/help-now")
def help_now():
    """Where to turn in distress or danger; with what there is where one lives."""
    campaign = own_campaign()
    return render_template("about/help_now.html", local=campaign and campaign.notice)


def own_campaign():
    """The campaign of this visit, where it has notices of its own; else None."""
    campaign = locale.campaign()
    is_told = campaign is not None and notices.is_complete(campaign)
    return campaign if is_told else None


@bp.get("/privacy")
def privacy():
    """What is kept, why, for how long, and what a person may ask for.

    Who takes part in a campaign reads its own notice.
    """
    campaign = own_campaign()
    own = [*paragraphs(own_notice(campaign))] if campaign is not None else []
    return render_template("about/privacy.html", unsent_days=UNSENT_DAYS, own=own)


def own_notice(campaign):
    """The privacy notice of a campaign as text; also for who has not said who they are.

    It hardly differs by perspective; the longest has all that any of them has.
    """
    asked = g.visit.assessment or g.visit.invitation
    chosen = [asked.perspective] if asked.perspective else campaign.perspectives
    forms = [bank.instrument(campaign.instrument_ref(each)) for each in chosen]
    bodies = [
        document.body
        for form in forms
        for document in notices.documents_of(campaign, form, locale.reader_of(form))
        if document.kind == "privacy"
    ]
    return max(bodies, key=len)


@bp.get("/cookies")
def cookies():
    """The cookies this service sets: only those it cannot work without."""
    config = current_app.config["PROM"]
    used = [
        {
            "name": config.cookie_name("survey"),
            "purpose": say(
                "It remembers your place, so that you can stop and come back."
            ),
            "lasts": say(
                "It stays until you finish, or %(hours)s hours. If you say that the "
                "device is yours, it works until the survey closes.",
                hours=config.respondent_session_hours,
            ),
        },
        {
            "name": current_app.config["SESSION_COOKIE_NAME"],
            "purpose": say(
                "It makes sure that what we get was sent from our own pages, and "
                "remembers how you want them to look."
            ),
            "lasts": say("It stays until you close your browser."),
        },
    ]
    if current_user.is_authenticated:
        preview = {
            "name": config.cookie_name("preview"),
            "purpose": say("It holds what you try out in a preview."),
            "lasts": say("It stays for an hour, or until the preview ends."),
        }
        known = {
            "name": config.cookie_name("known"),
            "purpose": say(
                "It lets you sign in here while others guess your password."
            ),
            "lasts": say("It stays for 180 days after you have signed in."),
        }
        used += [preview, known]
    return render_template("about/cookies.html", cookies_used=used)


@bp.get("/accessibility")
def accessibility():
    """The accessibility statement."""
    return render_template("about/accessibility.html")
