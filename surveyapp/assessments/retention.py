"""What has had its time: answers after the months stated, contacts on their day.

Whoever agreed is kept for the months of the notices that they could read before, or
of those that stand now where these are fewer. A campaign whose notices are not whole
states none; nothing of it is deleted, and its coordinator's page is red.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from .. import audit, sqlite_log
from ..calendar import months_before
from ..database import take_turns, utc_now
from ..models import (
    Assessment,
    Campaign,
    Contact,
    Invitation,
    Job,
    KeyedForm,
    Message,
    Respondent,
    RespondentSession,
    Score,
    Trust,
)
from . import notice_slots, notices, opt_out

AT_ONCE = 50  # assessments whose deletion is one transaction
CONTACTS_AT_ONCE = 200


def delete_what_has_had_its_time(session: Session, job: Job, at_step: Any) -> None:
    """A job of every night."""
    now = utc_now()
    delete_answers(session, now=now)
    delete_contacts(session, now=now)
    sqlite_log.empty_or_note(session, now=now)


def delete_answers(session: Session, *, now: datetime) -> int:
    """Delete answers whose months are over; how many people's. Commits each few.

    With them go comments, scores, what was agreed to, what was keyed from paper, and
    the note that somebody withdrew. Figures of groups stay.
    """
    n = 0
    for campaign in session.scalars(select(Campaign).order_by(Campaign.id)).all():
        months = _months_by_version(campaign)
        due = [a.id for a in _old(session, campaign, months, now)]
        for start in range(0, len(due), AT_ONCE):
            n += _delete(session, campaign, due[start : start + AT_ONCE], now)
        if None in months:
            _let_readings_go(session, campaign, months_before(now, months[None]), now)
    return n


def _let_readings_go(
    session: Session, campaign: Campaign, before: datetime, now: datetime
) -> None:
    """Delete what was keyed of forms that were begun then and never settled."""
    old = select(KeyedForm.id).where(
        KeyedForm.campaign_id == campaign.id,
        KeyedForm.settled_at.is_(None),
        KeyedForm.begun_at <= before,
    )
    for form_id in session.scalars(old.order_by(KeyedForm.id)).all():
        form = KeyedForm.locked(session, form_id)
        if form is not None and form.settled_at is None:
            form.forget()
            form.stage, form.settled_at, form.invitation = "removed", now, None
            audit.record(
                session, actor="system", action="keying.expired", subject=form, at=now
            )
        session.commit()


def delete_contacts(session: Session, *, now: datetime) -> int:
    """Delete names and addresses whose day has come; how many. Commits some at a time.

    Messages that were still to go to them go to nobody.
    """
    n = 0
    is_over = Contact.retain_until <= now
    with_some = select(Trust).where(
        exists().where(Contact.trust_id == Trust.id, is_over)
    )
    for trust in session.scalars(with_some.order_by(Trust.id)).all():
        due = select(Contact.id).where(Contact.trust_id == trust.id, is_over)
        while gone := session.scalars(due.limit(CONTACTS_AT_ONCE)).all():
            forget(session, gone)
            audit.record(
                session,
                actor="system",
                action="contacts.expired",
                subject=trust,
                at=now,
                n=len(gone),
            )
            session.commit()
            take_turns(session)
            n += len(gone)
    return n


def forget(session: Session, contact_ids: Sequence[int]) -> None:
    """Delete contacts, their keys, and what was still to be sent to them.

    The caller commits. Invitations stay, as nobody's, and of a no its keyed hashes.
    """
    opt_out.outlasts(session, contact_ids)
    to_them = select(Invitation.id).where(Invitation.contact_id.in_(contact_ids))
    at_once: dict[str, Any] = {"synchronize_session": False}
    Message.forget(session, Message.invitation_id.in_(to_them), "erased")
    session.execute(
        delete(Contact).where(Contact.id.in_(contact_ids)), execution_options=at_once
    )


def _months_by_version(campaign: Campaign) -> dict[int | None, int]:
    """Version of the notices -> months that they state; None -> those that stand now.

    Notices with gaps were given to nobody.
    """
    whole = [n for n in campaign.notices if not notice_slots.empty(n)]
    stated: dict[int | None, int | None] = {
        notice.version: notice_slots.months_of(notice) for notice in whole
    }
    if notices.is_complete(campaign):
        stated[None] = notice_slots.months_of(campaign.notice)
    return {version: months for version, months in stated.items() if months}


def _old(
    session: Session,
    campaign: Campaign,
    months: Mapping[int | None, int],
    now: datetime,
) -> Sequence[Assessment]:
    """Assessments of a campaign whose months are over."""
    if not months:
        return []
    ended = func.coalesce(Assessment.submitted_at, Assessment.withdrawn_at)
    perhaps = session.scalars(
        select(Assessment)
        .where(Assessment.campaign_id == campaign.id)
        .where(ended <= months_before(now, min(months.values())))
        .order_by(Assessment.id)
    )
    return [a for a in perhaps if _is_over(a, months, now)]


def _is_over(
    assessment: Assessment, months: Mapping[int | None, int], now: datetime
) -> bool:
    read = max((c.notice_version or 0 for c in assessment.consents), default=0)
    fewest = [months[version] for version in (read, None) if version in months]
    ended = assessment.submitted_at or assessment.withdrawn_at
    return (
        bool(fewest) and ended is not None and ended <= months_before(now, min(fewest))
    )


def _delete(
    session: Session, campaign: Campaign, due: Sequence[int], now: datetime
) -> int:
    """Delete these assessments in one transaction; how many were still there."""
    locked = [Assessment.locked(session, each) for each in sorted(due)]
    there = [assessment for assessment in locked if assessment is not None]
    people = {assessment.respondent_id for assessment in there}
    for assessment in there:
        for kind in (Score, KeyedForm, RespondentSession):
            session.execute(delete(kind).where(kind.assessment_id == assessment.id))
        session.delete(assessment)
    session.flush()
    for respondent_id in sorted(people):
        _let_go(session, respondent_id)
    audit.record(
        session,
        actor="system",
        action="answers.expired",
        subject=campaign,
        at=now,
        n=len(there),
    )
    session.commit()
    return len(there)


def _let_go(session: Session, respondent_id: int) -> None:
    """Delete the random name of somebody of whom no answers are left, and ways back."""
    others = select(Assessment.id).where(Assessment.respondent_id == respondent_id)
    if session.scalar(others.limit(1)) is not None:
        return
    back = select(Invitation).where(Invitation.respondent_id == respondent_id)
    for invitation in session.scalars(back):
        for kind in (Message, RespondentSession):
            session.execute(delete(kind).where(kind.invitation_id == invitation.id))
        session.delete(invitation)
    session.flush()
    session.execute(delete(Respondent).where(Respondent.id == respondent_id))
