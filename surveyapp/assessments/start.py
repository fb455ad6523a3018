"""How an assessment begins: for whom, of which team, about whose experience."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy.orm import Session, object_session

from ..bank import Document
from ..errors import AssessmentClosed, CampaignClosed, InvalidAnswers, NotFound
from ..models import (
    Assessment,
    Campaign,
    Invitation,
    Respondent,
    RespondentSession,
    Team,
)
from ..models.campaign import split_ref
from . import adaptive, notices, personal_code, recontact
from .consent import copy_consents, keep_consent
from .item_order import assign_order
from .journey import journey_of
from .labels import CHOOSE_ONE

BY_OWN_LINK = "professional"  # never offered as a choice beside the others


def new_assessment(
    campaign: Campaign, perspective: str, *, form: str | None = None, **columns: Any
) -> Assessment:
    """An assessment that is in no session yet; whoever asks makes it here.

    `form` is the instrument `id.vN`, by default the one that the campaign gives.
    """
    form = form or campaign.instrument_ref(perspective)
    return Assessment(campaign=campaign, **columns_of(form, perspective, **columns))


def columns_of(form: str, perspective: str, **columns: Any) -> dict[str, Any]:
    """The same as values by column, for many rows that are inserted at once."""
    identifier, version = split_ref(form)
    of_form = {"instrument_id": identifier, "instrument_version": version}
    return of_form | {"perspective": perspective} | columns


def new_respondent() -> Respondent:
    """Somebody who was never here before, under a random name."""
    return Respondent(pseudonym=new_pseudonym())


def new_pseudonym() -> str:
    """A random name that stands for one person."""
    return secrets.token_hex(8)


def agree(
    session: Session,
    visit_id: int,
    statements: Iterable[Document],
    given: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Store what was said to each statement, and begin the assessment.

    `given` maps statement ids to yes or no. Two tabs of one visit begin one
    assessment; two devices with one personal link begin two, since nobody can tell
    whose they are (`sendings` says which of them counts).
    """
    visit = _locked_visit(session, visit_id)
    assessment = visit.assessment
    if assessment is None:
        assessment = begin(visit.invitation, now=now, mode=visit.mode)
    visit.assessment = assessment
    told = notices.version_of(visit.invitation.campaign)
    keep_consent(assessment, statements, given, now=now, notice_version=told)
    session.flush()
    personal_code.issue(assessment)
    session.commit()


def _locked_visit(session: Session, visit_id: int) -> RespondentSession:
    """The visit, with its invitation held, so that two tabs take turns."""
    visit = session.get_one(
        RespondentSession, visit_id, with_for_update=True, populate_existing=True
    )
    session.get(Invitation, visit.invitation_id, with_for_update=True)
    return visit


def begin(
    invitation: Invitation,
    *,
    now: datetime,
    mode: str = "web",
    respondent: Respondent | None = None,
    perspective: str | None = None,
) -> Assessment:
    """A new assessment; CampaignClosed out of the campaign's time.

    Where the person chooses the perspective, it stands under the first choice
    until then, and its position says that the choice is still to be made.
    """
    campaign = invitation.campaign
    session = cast("Session", object_session(invitation))  # which it was read from
    if invitation.asks_again:
        again = begin_again(session, invitation, now=now, mode=mode)
        adaptive.start(again)
        return again
    if not campaign.is_open(now):
        raise CampaignClosed()
    settled = perspective or invitation.perspective
    choices = role_choices(campaign)
    if settled is None and len(choices) == 1:
        settled = choices[0]
    invitation.advance("started")
    assessment = new_assessment(
        campaign,
        settled or choices[0],
        respondent=respondent or new_respondent(),
        invitation=invitation,
        team=invitation.team or campaign.only_team,
        wave=invitation.wave,
        mode=mode,
        assisted_by=_helper_in(mode),
        position=None if settled else "role",
        started_at=now,
    )
    session.add(assessment)
    if settled:
        assign_order(session, assessment)
        adaptive.start(assessment)
    return assessment


def begin_again(
    session: Session, invitation: Invitation, *, now: datetime, mode: str
) -> Assessment:
    """The assessment of the wave that is open: the same form, in the same order."""
    if not invitation.admits(now):
        raise CampaignClosed()
    standing = recontact.admit(session, invitation, now=now)
    first, wave = standing.first, standing.wave
    if wave is None:  # `admit` lets nobody through then
        raise AssessmentClosed()
    invitation.wave = wave.number
    invitation.advance("started")
    again = new_assessment(
        first.campaign,
        first.perspective,
        form=first.instrument,
        respondent=first.respondent,
        invitation=invitation,
        team=first.team,
        wave=wave.number,
        arrangement=first.arrangement,
        presentation=dict(first.presentation or {}),
        language=first.language,
        mode=mode,
        assisted_by=_helper_in(mode),
        started_at=now,
    )
    session.add(again)
    return again


def _helper_in(mode: str) -> str | None:
    """Who helps where staff write down what a person says."""
    return None if mode == "web" else "staff"


def team_of(campaign: Campaign, team_id: int | None) -> Team:
    """The team that answers count for; it is asked for where there are several."""
    if team_id is None:
        if campaign.only_team is None:  # the answers would count for no team
            raise InvalidAnswers({"team": "Choose the team that the answers are about"})
        return campaign.only_team
    for team in campaign.teams:
        if team.id == team_id:
            return team
    raise NotFound()


def role_choices(campaign: Campaign) -> list[str]:
    """Perspectives among which a person chooses."""
    choices = [p for p in campaign.perspectives if p != BY_OWN_LINK]
    return choices or [BY_OWN_LINK]


def choose_role(session: Session, assessment_id: int, perspective: str) -> str:
    """Settle whose experience is asked about; the first stop of that journey.

    Once there are answers the choice stands, because they are to its wordings.
    """
    assessment = Assessment.locked_open(session, assessment_id)
    taken = taken_roles(assessment) - {assessment.perspective}
    if perspective not in role_choices(assessment.campaign) or perspective in taken:
        raise InvalidAnswers({"role": CHOOSE_ONE})
    is_new = assessment.position == "role" or perspective != assessment.perspective
    if is_new and not assessment.answers:
        assessment.perspective = perspective
        assessment.instrument = assessment.campaign.instrument_ref(perspective)
        assessment.position = None
        assign_order(session, assessment)
        adaptive.start(assessment)
    session.commit()
    return journey_of(assessment).stops[0]


def answer_again(
    session: Session, visit_id: int, perspective: str, *, now: datetime
) -> None:
    """Begin a second assessment of the same person, from the other perspective."""
    visit = _locked_visit(session, visit_id)
    first = visit.assessment
    if first is None or first.submitted_at is None:
        raise AssessmentClosed()
    if perspective not in other_roles(first):
        raise NotFound()
    again = begin(
        visit.invitation,
        now=now,
        mode=visit.mode,
        respondent=first.respondent,
        perspective=perspective,
    )
    again.presentation = dict(first.presentation or {})
    copy_consents(first, again, now=now)
    visit.assessment = again
    session.flush()
    personal_code.issue(again)
    session.commit()


def other_roles(assessment: Assessment) -> list[str]:
    """Perspectives from which this person has not answered in this campaign.

    Who came back has links of their own for each that they answered from.
    """
    if assessment.wave > 1:
        return []
    taken = taken_roles(assessment)
    return [p for p in role_choices(assessment.campaign) if p not in taken]


def taken_roles(assessment: Assessment) -> set[str]:
    """Perspectives from which this person has begun to answer in this campaign."""
    return {
        a.perspective
        for a in assessment.respondent.assessments
        if a.campaign_id == assessment.campaign_id and a.withdrawn_at is None
    }
