"""Answering again: who is asked, with which code, and what it opens when.

A person who agreed has one invitation for all later waves of a campaign. Its link
and code are derived from their pseudonym with a key of the server's, so that the
page of thanks can show them again and a letter can carry them, while the database
holds hashes alone, as of every other invitation.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..errors import AssessmentClosed, CampaignClosed, NotFound, NotYetOpen, TimeIsOver
from ..keys import derived_key
from ..links import code_hash, derived_code, derived_token, grouped, token_hash
from ..models import (
    Assessment,
    CampaignWave,
    Contact,
    Invitation,
    InvitationToken,
    Message,
    RespondentSession,
)

RETEST, CONTACT = "retest", "contact"  # parts of the names of statements of consent


@dataclass(frozen=True)
class WayBack:
    """What a person takes along: a link, a code, and the days on which they work."""

    token: str
    code: str | None
    waves: tuple[
        tuple[datetime, datetime], ...
    ]  # of (opens, last day), those to come or open now


@dataclass(frozen=True)
class Standing:
    """How things stand for someone who was asked to come back.

    `sent_at` is when the first answers were sent; `wave` is the one that is open now;
    `assessment` what was sent in it and counts; `opens_at` says when the next wave
    opens, if one is to come.
    """

    first: Assessment
    sent_at: datetime
    wave: CampaignWave | None
    assessment: Assessment | None
    opens_at: datetime | None


def agreed(assessment: Assessment, statement: str = RETEST) -> bool:
    """Whether the person said yes to being asked again, or to another statement."""
    return any(c.given and statement in c.statement_id for c in assessment.consents)


def invite(session: Session, first: Assessment) -> None:
    """Make the invitation to come back for who agreed, once; the caller commits.

    It is tied to a contact only where the person agreed to be contacted.
    """
    if first.wave != 1 or not first.campaign.waves or not agreed(first):
        return
    if first.duplicate_number is not None:  # another sending is asked in its place
        return
    if invitation_of(session, first) is not None:
        return
    token, code = secrets_of(first)
    hashed = code_hash(code, derived_key("codes"))
    is_taken = select(InvitationToken.id).filter_by(short_code_hash=hashed)
    came_by, may_contact = first.invitation, agreed(first, CONTACT)
    session.add(
        Invitation(
            campaign=first.campaign,
            respondent_id=first.respondent.id,
            contact=came_by.contact if came_by and may_contact else None,
            team=first.team,
            perspective=first.perspective,
            wave=first.campaign.waves[0].number,
            tokens=[
                InvitationToken(
                    token_hash=token_hash(token),
                    short_code_hash=None if session.scalar(is_taken) else hashed,
                )
            ],
        )
    )


def settle(session: Session, assessment: Assessment) -> None:
    """Let the invitation to come back follow what the person agrees to now.

    Who says yes only now is invited; a contact is tied to it, and messages go out by
    it, only while the person wants both. The caller commits.
    """
    invite(session, assessment)
    back = invitation_of(session, assessment)
    if back is None:
        return
    if agreed(assessment) and agreed(assessment, CONTACT):
        back.contact = contact_of(session, assessment)
        return
    back.contact = None
    Message.forget(session, Message.invitation_id == back.id, "no more agreed")


def contact_of(session: Session, assessment: Assessment) -> Contact | None:
    """Whom the person's first answers came from, as far as the trust knows it."""
    if assessment.respondent_id is None:  # a preview, which is stored nowhere
        return None
    return session.scalar(
        select(Contact)
        .join(Invitation, Invitation.contact_id == Contact.id)
        .join(Assessment, Assessment.invitation_id == Invitation.id)
        .where(
            Assessment.respondent_id == assessment.respondent_id,
            Assessment.perspective == assessment.perspective,
            Assessment.wave == 1,
        )
        .order_by(Assessment.id)
        .limit(1)
    )


def secrets_of(first: Assessment) -> tuple[str, str]:
    """The link's token and the code of the person who gave these first answers."""
    who = f"{first.respondent.pseudonym}:{first.campaign_id}:{first.perspective}"
    return derived_token(derived_key("return"), who), derived_code(
        derived_key("return"), who
    )


def invitation_of(session: Session, assessment: Assessment) -> Invitation | None:
    """The invitation to come back of the person who gave these answers, or None."""
    if assessment.respondent_id is None:  # a preview, which is stored nowhere
        return None
    return session.scalar(
        select(Invitation).where(
            Invitation.campaign_id == assessment.campaign_id,
            Invitation.respondent_id == assessment.respondent_id,
            Invitation.perspective == assessment.perspective,
        )
    )


def way_back(
    session: Session, assessment: Assessment, *, now: datetime
) -> WayBack | None:
    """The next step to show after sending, or None where there is none.

    None too where the server's key was changed since: the old code is gone.
    """
    invitation = invitation_of(session, assessment)
    if invitation is None or not invitation.admits(now):
        return None
    standing = standing_of(session, invitation, now=now)
    first = standing.sent_at
    waves = [w for w in invitation.campaign.waves if now < w.closes_at(first)]
    to_come = [w for w in waves if w.number > assessment.wave]
    if not to_come or not agreed(assessment):
        return None
    days = tuple((w.opens_at(first), w.last_day(first)) for w in to_come)
    ways = ways_in(invitation, standing.first)
    return WayBack(*ways, days) if ways else None


def ways_in(invitation: Invitation, first: Assessment) -> tuple[str, str | None] | None:
    """The link's token and the code, or no code; None after a change of the key."""
    token, code = secrets_of(first)
    kept = {each.token_hash: each.short_code_hash for each in invitation.tokens}
    if token_hash(token) not in kept:
        return None
    has_code = code_hash(code, derived_key("codes")) == kept[token_hash(token)]
    return token, grouped(code) if has_code else None


def standing_of(session: Session, invitation: Invitation, *, now: datetime) -> Standing:
    """How things stand for an invitation to come back; CampaignClosed without a first.

    Who said no to coming back is not asked again.
    """
    given = session.scalars(
        select(Assessment)
        .where(
            Assessment.respondent_id == invitation.respondent_id,
            Assessment.campaign_id == invitation.campaign_id,
            Assessment.perspective == invitation.perspective,
            Assessment.submitted_at.is_not(None),
            Assessment.withdrawn_at.is_(None),
            or_(Assessment.wave == 1, Assessment.duplicate_number.is_(None)),
        )
        .order_by(Assessment.wave)
    ).all()
    first = given[0] if given else None
    if first is None or first.wave != 1 or first.submitted_at is None:
        raise CampaignClosed()
    last, sent = given[-1], first.submitted_at
    waves = [
        w for w in invitation.campaign.waves if agreed(last) or w.number <= last.wave
    ]
    wave = next((w for w in waves if w.is_open(sent, now)), None)
    at = wave.number if wave else last.wave
    return Standing(
        first=first,
        sent_at=sent,
        wave=wave,
        assessment=next((a for a in given[1:] if a.wave == at), None),
        opens_at=next(
            (w.opens_at(sent) for w in waves if w.opens_at(sent) > now), None
        ),
    )


def first_of(
    session: Session, invitation: Invitation, *, now: datetime
) -> Assessment | None:
    """The first answers of who was asked to come back; None for anybody else."""
    return (
        standing_of(session, invitation, now=now).first
        if invitation.asks_again
        else None
    )


def admit(session: Session, invitation: Invitation, *, now: datetime) -> Standing:
    """Refuse, in the fitting words, who comes too early or too late.

    Days alone decide: the link tells nobody whether it was used.
    """
    standing = standing_of(session, invitation, now=now)
    if standing.wave is None:
        raise NotYetOpen(standing.opens_at) if standing.opens_at else TimeIsOver()
    return standing


def open_now(
    session: Session, assessment: Assessment, *, now: datetime
) -> dict[str | None, Invitation]:
    """Invitations to come back that can be followed at once, by perspective."""
    if assessment.respondent_id is None:
        return {}
    invitations = session.scalars(
        select(Invitation).where(
            Invitation.respondent_id == assessment.respondent_id,
            Invitation.campaign_id == assessment.campaign_id,
        )
    )
    return {i.perspective: i for i in invitations if _can_answer(session, i, now)}


def _can_answer(session: Session, invitation: Invitation, now: datetime) -> bool:
    if not invitation.admits(now):
        return False
    try:
        standing = standing_of(session, invitation, now=now)
    except CampaignClosed:
        return False
    return standing.wave is not None and standing.assessment is None


def follow(
    session: Session, visit: RespondentSession, perspective: str, *, now: datetime
) -> None:
    """Lead a visit that has ended to the invitation to come back. Commits."""
    if visit.assessment is None or visit.assessment.submitted_at is None:
        raise AssessmentClosed()
    invitation = open_now(session, visit.assessment, now=now).get(perspective)
    if invitation is None:
        raise NotFound()
    visit.invitation, visit.assessment = invitation, None
    session.commit()
