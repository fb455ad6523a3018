"""How an assessment begins: consent, and whose experience it is about."""

import secrets

from sqlalchemy.orm import object_session

from .. import bank
from ..errors import AssessmentClosed, CampaignClosed, InvalidAnswers, NotFound
from ..models import Assessment, Consent, Invitation, Respondent, RespondentSession
from ..respond import forms, respondent_session, services
from ..wording import marked, say
from . import adaptive, recontact
from .item_order import allot

UNANSWERED = marked("Choose yes or no (statement %(n)s of %(total)s)")
BY_OWN_LINK = "professional"  # never offered as a choice beside the others


def agree(session, visit_id, given, *, now):
    """Store what was said to each statement, and begin the assessment.

    `given` maps statement ids to yes or no. Two tabs, or two devices with one
    personal link, begin one assessment: the second finds the first's.
    """
    visit = _locked_visit(session, visit_id)
    invitation = visit.invitation
    assessment = visit.assessment
    if assessment is None:
        assessment = respondent_session.begun(session, invitation, now=now)
    if assessment is None:
        assessment = begin(invitation, now=now, mode=visit.mode)
    visit.assessment = assessment
    keep_consent(assessment, given, now=now)
    session.commit()


def _locked_visit(session, visit_id):
    """The visit, with its invitation held, so that two tabs take turns."""
    visit = session.get(
        RespondentSession, visit_id, with_for_update=True, populate_existing=True
    )
    session.get(Invitation, visit.invitation_id, with_for_update=True)
    return visit


def begin(invitation, *, now, mode="web", respondent=None, perspective=None):
    """A new assessment; CampaignClosed out of the campaign's time.

    Where the person chooses the perspective, it stands under the first choice
    until then, and its position says that the choice is still to be made.
    """
    campaign, session = invitation.campaign, object_session(invitation)
    if invitation.asks_again:
        again = recontact.begin_again(session, invitation, now=now, mode=mode)
        adaptive.start(again)
        return again
    if not campaign.is_open(now):
        raise CampaignClosed()
    settled = perspective or invitation.perspective
    choices = role_choices(campaign)
    if settled is None and len(choices) == 1:
        settled = choices[0]
    if not invitation.is_open:
        invitation.status = "started"
    assessment = Assessment(
        respondent=respondent or Respondent(pseudonym=secrets.token_hex(8)),
        campaign=campaign,
        invitation=invitation,
        team=invitation.team or only_team(campaign),
        wave=invitation.wave,
        mode=mode,
        assisted_by=None if mode == "web" else "staff",
        position=None if settled else "role",
        started_at=now,
    )
    take_perspective(assessment, settled or choices[0])
    session.add(assessment)
    if settled:
        allot(session, assessment)
        adaptive.start(assessment)
    return assessment


def only_team(campaign):
    """The team that a campaign is about, where it is about one."""
    return campaign.teams[0] if len(campaign.teams) == 1 else None


def role_choices(campaign):
    """Perspectives among which a person chooses."""
    choices = [p for p in campaign.perspectives if p != BY_OWN_LINK]
    return choices or [BY_OWN_LINK]


def take_perspective(assessment, perspective):
    """Ask from this perspective, with the instrument the campaign has for it."""
    ref = assessment.campaign.instrument_ref(perspective)
    assessment.perspective = perspective
    assessment.instrument_id, _, version = ref.rpartition(".v")
    assessment.instrument_version = int(version)


def keep_consent(assessment, given, *, now):
    """One row a statement, in the version that was shown."""
    stored = {consent.statement_id: consent for consent in assessment.consents}
    for statement in statements(bank.instrument(assessment.instrument)):
        consent = stored.get(statement.id) or Consent(statement_id=statement.id)
        if statement.id not in stored:
            assessment.consents.append(consent)
        consent.statement_version = statement.version
        consent.given, consent.at = given[statement.id] == "yes", now


def statements(instrument):
    """The statements of consent, in the order in which they are shown."""
    return [d for d in instrument.documents if d.kind == "consent"]


def read_statements(form):
    """Yes or no by statement; InvalidAnswers names those without either."""
    services.checked(form)
    missing = {
        name: say(UNANSWERED, n=n, total=len(form.data))
        for n, (name, given) in enumerate(form.data.items(), start=1)
        if not given
    }
    if missing:
        raise InvalidAnswers(missing)
    return form.data


def choose_role(session, assessment_id, perspective):
    """Settle whose experience is asked about; the first stop of that journey.

    Once there are answers the choice stands, because they are to its wordings.
    """
    assessment = services.find_open(session, assessment_id)
    taken = taken_roles(assessment) - {assessment.perspective}
    if perspective not in role_choices(assessment.campaign) or perspective in taken:
        raise InvalidAnswers({"role": forms.CHOOSE_ONE})
    is_new = assessment.position == "role" or perspective != assessment.perspective
    if is_new and not assessment.answers:
        take_perspective(assessment, perspective)
        assessment.position = None
        allot(session, assessment)
        adaptive.start(assessment)
    session.commit()
    return services.journey_of(assessment).stops[0]


def answer_again(session, visit_id, perspective, *, now):
    """Begin a second assessment of the same person, from the other perspective."""
    visit = _locked_visit(session, visit_id)
    first = visit.assessment
    if first is None or first.submitted_at is None:
        raise AssessmentClosed()
    if perspective not in other_roles(first):
        raise NotFound()
    known = {"respondent": first.respondent, "perspective": perspective}
    again = begin(visit.invitation, now=now, mode=visit.mode, **known)
    again.presentation = dict(first.presentation or {})
    given = {c.statement_id: "yes" if c.given else "no" for c in first.consents}
    asked = {s.id for s in statements(bank.instrument(again.instrument))}
    if asked <= set(given):
        keep_consent(again, given, now=now)
    visit.assessment = again
    session.commit()


def other_roles(assessment):
    """Perspectives from which this person has not answered in this campaign.

    Who came back has links of their own for each that they answered from.
    """
    if assessment.wave > 1:
        return []
    taken = taken_roles(assessment)
    return [p for p in role_choices(assessment.campaign) if p not in taken]


def taken_roles(assessment):
    """Perspectives from which this person has begun to answer in this campaign."""
    return {
        a.perspective
        for a in assessment.respondent.assessments
        if a.campaign_id == assessment.campaign_id and a.withdrawn_at is None
    }
