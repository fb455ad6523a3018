"""Whom a campaign asks on the trust's lists, and who needs no reminder any more.

Who has answered is never told by person. What staff may know, to telephone the
others, is who needs no reminder, whatever the reason: at night, ten people at a time.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from ..calendar import LONDON
from ..database import take_turns, utc_now
from ..models import (
    Assessment,
    Campaign,
    CampaignWave,
    Contact,
    Invitation,
    Job,
    KeyedForm,
)
from . import suppression

OVER = ("answered", "withdrawn", "cancelled")  # of an invitation
AT_ONCE = 500
LEAST_AT_ONCE = 10  # people who become known as settled in one night
JOB = "reminders"


def listed(campaign: Campaign) -> ColumnElement[bool]:
    """The condition that a contact is one of those whom a campaign would ask.

    They are the trust's, of one of its teams, and asked as one of its perspectives.
    Who has no team is asked where the campaign is about one team alone.
    """
    teams: ColumnElement[bool] = Contact.team_id.in_(
        [team.id for team in campaign.teams]
    )
    if campaign.only_team is not None:
        teams = or_(teams, Contact.team_id.is_(None))
    asked = Contact.perspective.in_(campaign.perspectives)
    return and_(
        Contact.trust_id == campaign.trust_id,
        teams,
        or_(asked, Contact.perspective.is_(None)),
    )


def is_keyed() -> ColumnElement[bool]:
    """The condition that paper of an invitation came back and is being keyed."""
    return exists().where(KeyedForm.invitation_id == Invitation.id)


def is_over(campaign: Campaign) -> ColumnElement[bool]:
    """The condition that a contact has answered, withdrawn or was cancelled here."""
    return exists().where(
        Invitation.contact_id == Contact.id,
        Invitation.campaign_id == campaign.id,
        or_(Invitation.status.in_(OVER), is_keyed()),
    )


def note_who_needs_none(session: Session, job: Job, at_step: Any) -> None:
    """A job of every night: mark who needs no reminder, campaign by campaign. Commits.

    In a campaign, and in each of its later waves, nothing is marked until ten people
    more are over of whom staff cannot know it anyway: whoever compares two nights sees
    ten at least, or nobody.
    """
    waiting = select(Invitation.campaign_id).where(_unmarked()).distinct()
    for campaign_id in session.scalars(waiting).all():
        campaign = session.get_one(Campaign, campaign_id)
        if _n_untold(session, campaign, _unmarked(), utc_now()) >= LEAST_AT_ONCE:
            _mark(session, campaign, _unmarked(), {"needs_no_reminder": True})
    for wave in session.scalars(select(CampaignWave).order_by(CampaignWave.id)).all():
        came_back, told = _came_back_untold(wave.number), {"told_wave": wave.number}
        if _n_untold(session, wave.campaign, came_back, utc_now()) >= LEAST_AT_ONCE:
            _mark(session, wave.campaign, came_back, told)


def _unmarked() -> ColumnElement[bool]:
    """Of first invitations alone: those to come back are told wave by wave."""
    is_done = or_(Invitation.status.in_(OVER), is_keyed())
    return and_(
        ~Invitation.needs_no_reminder,
        Invitation.contact_id.is_not(None),
        Invitation.respondent_id.is_(None),
        is_done,
    )


def _came_back_untold(wave: int) -> ColumnElement[bool]:
    """The condition that somebody who is asked again has answered in a wave."""
    answers = exists().where(
        Assessment.respondent_id == Invitation.respondent_id,
        Assessment.campaign_id == Invitation.campaign_id,
        Assessment.perspective == Invitation.perspective,
        Assessment.wave == wave,
        Assessment.counts(),
    )
    is_untold = func.coalesce(Invitation.told_wave, 1) < wave
    return and_(Invitation.contact_id.is_not(None), is_untold, answers)


def _n_untold(
    session: Session, campaign: Campaign, due: ColumnElement[bool], now: datetime
) -> int:
    """How many would be marked who are on no list and said no to nobody."""
    willing = suppression.who_may_be_written_to(
        campaign.trust_id,
        now.astimezone(LONDON).date(),
        heeds_opt_out=suppression.heeds_data_opt_out(campaign),
    ).with_only_columns(Contact.id)
    people = select(func.count(Invitation.contact_id.distinct())).where(
        Invitation.campaign_id == campaign.id,
        due,
        Invitation.status != "cancelled",
        Invitation.contact_id.in_(willing),
    )
    return session.scalar(people) or 0


def _mark(
    session: Session,
    campaign: Campaign,
    due: ColumnElement[bool],
    mark: dict[str, Any],
) -> None:
    those = select(Invitation.id).where(Invitation.campaign_id == campaign.id, due)
    while some := session.scalars(those.limit(AT_ONCE)).all():
        session.execute(
            update(Invitation)
            .where(Invitation.id.in_(some))
            .values(**mark)
            .execution_options(synchronize_session=False)
        )
        session.commit()
        take_turns(session)


def brought_up_at(session: Session) -> datetime | None:
    """When the marks were last brought up to date."""
    done = select(func.max(Job.finished_at)).where(
        Job.name == JOB, Job.status == "done"
    )
    return session.scalar(done)
