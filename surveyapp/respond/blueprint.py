"""The survey's blueprint: who may enter, and the addresses of its pages."""

from flask import (
    Blueprint,
    g,
    redirect,
    render_template,
    request,
    url_for,
)

from ..assessments.item_order import example_form
from ..assessments.journey import journey_of
from ..assessments.questions import questions_of
from ..errors import AssessmentClosed
from . import access_rules, locale, respondent_session, unsent_answers

bp = Blueprint("respond", __name__, url_prefix="/survey")
OF_QUESTIONS = {"respond.show_page", "respond.answer_page"}


@bp.before_request
def only_with_a_visit():
    """A cookie from a link or a code lets in, as far as the person has come."""
    asked, here = request._get_current_object(), g._get_current_object()
    if asked.endpoint in OF_QUESTIONS:
        respondent_session.find_visit_of_questions()
    else:
        respondent_session.find_visit()
    locale.negotiate()
    visit = here.visit
    if visit is None:
        return render_template("respond/no_visit.html", why=why_unknown()), 403
    here.assessment, here.journey = visit.assessment, None
    is_sent = asked.method == "POST"
    if access_rules.is_open(asked.url_rule.rule.rpartition("/")[2], visit):
        is_carried = is_sent and unsent_answers.MARKS & {*asked.form}
        return unsent_answers.show_again() if is_carried else None
    if is_sent and access_rules.stage(visit) == "done":
        raise AssessmentClosed()
    return index()


# What is asked for at every page takes request and `g` once: each name that stands for
# them looks for them anew.
bp.teardown_request(respondent_session.let_go_of_connection)


def why_unknown():
    """Why nobody is known here: `blocked` right after a cookie was handed over."""
    return "blocked" if "begun" in request.args else "cleared"


@bp.context_processor
def names():
    """The trust that asks, for the top of the page."""
    visit = g.get("visit")
    return {"organisation": visit and visit.invitation.campaign.trust.name}


@bp.get("/")
def index():
    """Where the person was."""
    stage = access_rules.stage(g.visit)
    if stage in access_rules.HOMES:
        return redirect(url_for(f".{access_rules.HOMES[stage]}"), 303)
    return to(journey().stop(g.assessment.position))


def journey():
    """The person's journey in their words, worked out once a request."""
    here = g._get_current_object()
    if here.journey is None:
        here.journey = locale.shown_along(journey_of(here.assessment))
    return here.journey


def instrument():
    """The instrument in use, or before that the one of the first perspective."""
    if g.assessment is not None:
        return locale.shown(questions_of(g.assessment).instrument)
    campaign = g.visit.invitation.campaign
    perspective = g.visit.invitation.perspective or campaign.perspectives[0]
    return locale.shown(example_form(campaign, perspective))


def address(stop):
    """The address of a stop of the journey."""
    return f"{request.script_root}{bp.url_prefix}/{stop}"


def query_kept():
    """Where a change came from, to be kept on the way to one more question."""
    return "?from=check" if request.args.get("from") == "check" else ""


def to(stop):
    return redirect(address(stop), 303)


def back_from(stop):
    """The address before a stop; for a change, the check page it came from."""
    if request.args.get("from") == "check":
        return address("check")
    before = journey().before(stop)
    return before and address(before)


def onwards(following):
    """On to the next stop, or back to the check page that asked for a change.

    While an adaptive form goes on there are questions to come before that page.
    """
    is_change = request.args.get("from") == "check" and not following.is_amid
    return to("check" if is_change else following.stop)


def ask_again(endpoint):
    """The page that `endpoint` shows, with a kind word about what was left out."""
    kept = {**request.view_args, **request.args, "ask": 1}
    return redirect(url_for(endpoint, **kept), 303)


def sent():
    """What was sent, where the page is shown again because of it."""
    return request.form if request.method == "POST" else None


def given(name, stored):
    """What was just sent for a field, or else what is stored."""
    return (sent() or {}).get(name) or stored
