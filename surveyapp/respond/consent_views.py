"""The first pages: information, consent, and whose experience it is."""

from flask import current_app, g, redirect, render_template, request, url_for

from .. import bank
from ..assessments import notices, opt_out, start
from ..assessments.consent import check_complete, refuses
from ..assessments.labels import PERSPECTIVES
from ..database import utc_now
from ..errors import InvalidAnswers
from ..extensions import db
from ..wording import marked, say
from . import (
    access_rules,
    eligibility_views,
    forms,
    locale,
    preferences,
    presenter,
    services,
)
from .blueprint import bp, given, instrument, sent, to

CHOOSE_ROLE = marked("Choose the one that you will answer as")


@bp.get("/information")
def information(problems=None):
    """What it is, who sees it, that it is a choice; the detail one layer down.

    Below stands for whom it is, where that is still to be said.
    """
    campaign, forms_of = g.visit.invitation.campaign, offered()
    given = [
        notices.documents_of(campaign, form, locale.reader_of(form))
        for form in forms_of
    ]
    return render_template(
        "respond/information.html",
        documents=presenter.texts(forms_of, given),
        has_begun=g.assessment is not None,
        minutes=presenter.minutes(instrument()),
        n_questions=notices.n_questions(instrument()),
        perspective=forms_of[0].perspective if len(forms_of) == 1 else None,
        is_helped=g.visit.mode in notices.HELPED,
        days=current_app.config["PROM"].backup_days,
        questions=eligibility_views.shown(problems) if _asks_for_whom() else (),
        problems=problems,
    )


@bp.post("/information")
def say_for_whom_here():
    """On to consent, or to a kind end."""
    if not _asks_for_whom():
        return redirect(url_for(".index"), 303)
    return eligibility_views.answered(information)


def _asks_for_whom():
    return g.assessment is None and eligibility_views.is_due()


def offered():
    """The instruments that this person may be given."""
    if g.visit.invitation.perspective or access_rules.stage(g.visit) == "answer":
        return [instrument()]
    campaign = g.visit.invitation.campaign
    choices = start.role_choices(campaign)
    refs = [campaign.instrument_ref(name) for name in choices]
    return [locale.shown(bank.instrument(ref)) for ref in refs]


def statements():
    """What this person is asked to agree to, in their words."""
    invitation, form = g.visit.invitation, instrument()
    reader = locale.reader_of(form)
    return notices.statements_of(
        invitation.campaign, form, reader, contact=invitation.contact
    )


@bp.get("/consent")
def consent(problems=None):
    """Each statement with yes and no, none chosen."""
    if eligibility_views.is_due():
        return redirect(url_for(".for_whom"), 303)
    asked = statements()
    form = forms.make_form(forms.statement_fields(asked), sent())
    questions = presenter.statement_questions(asked, form, problems or {})
    return render_template(
        "respond/consent.html", questions=questions, problems=problems
    )


@bp.post("/consent")
def give_consent():
    """Store each answer; a no to taking part ends it at once, and nothing is stored."""
    if eligibility_views.is_due():
        return redirect(url_for(".for_whom"), 303)
    asked = statements()
    form = forms.make_form(forms.statement_fields(asked), request.form)
    try:
        said = services.checked(form).data
        if refuses(instrument(), said):
            return redirect(url_for(".disagree"), 303)
        check_complete(said)
    except InvalidAnswers as problem:
        return consent(problem.problems), 422
    start.agree(db.session, g.visit.id, asked, said, now=utc_now())
    preferences.keep(g.visit.assessment_id)
    return redirect(url_for(".index"), 303)


@bp.get("/disagree")
def disagree():
    """Nothing was kept, and the way back is open."""
    is_personal = g.visit.invitation.contact_id is not None
    return render_template("respond/disagree.html", is_personal=is_personal)


@bp.post("/disagree")
def write_no_more():
    """No reminders either, for who was written to and wants none."""
    invitation = g.visit.invitation
    if not invitation.is_open:
        opt_out.opt_out(db.session, invitation, now=utc_now())
    return redirect(url_for("opt_out.done"), 303)


@bp.get("/role")
def role(problems=None):
    """Whose experience it is about."""
    choices = {
        name: say(PERSPECTIVES[name].role)
        for name in start.role_choices(g.visit.invitation.campaign)
    }
    settled = g.assessment.position != "role" and g.assessment.perspective
    question = presenter.choice(
        "role",
        say("Which of these are you?"),
        choices,
        given("role", settled),
        (problems or {}).get("role"),
    )
    return render_template("respond/role.html", question=question, problems=problems)


@bp.post("/role")
def choose_role():
    chosen = request.form.get("role")
    if not chosen:
        return role({"role": CHOOSE_ROLE}), 422
    try:
        stop = start.choose_role(db.session, g.assessment.id, chosen)
    except InvalidAnswers as problem:
        return role(problem.problems), 422
    return to(stop)
