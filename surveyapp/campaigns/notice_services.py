"""What a campaign says of itself: kept version after version."""

from sqlalchemy import select

from .. import audit
from ..assessments import notice_slots, notices
from ..errors import InvalidAnswers
from ..models import Campaign, CampaignNotice

MUST_STAY = "This campaign is open: what people are told cannot be taken away"


def suggested(session, campaign):
    """What to begin from: the campaign's own, the trust's last, or suggestions."""
    if campaign.notice is not None:
        return campaign.notice
    of_trust = (
        select(CampaignNotice)
        .join(Campaign, Campaign.id == CampaignNotice.campaign_id)
        .where(Campaign.trust_id == campaign.trust_id)
        .order_by(CampaignNotice.id.desc())
        .limit(1)
    )
    return session.scalar(of_trust) or CampaignNotice(
        slots={slot.id: slot.suggestion for slot in notice_slots.SLOTS},
        is_research=False,
    )


def save(session, campaign, given, *, is_research, actor, now):
    """Keep the slots as a new version; which of them are empty. Commits.

    Raises InvalidAnswers where a slot will not do, or where one that people
    were told is taken away while the campaign runs.
    """
    slots = {name: given.get(name, "").strip() for name in notice_slots.IDS}
    problems = notice_slots.problems_of(slots)
    made = CampaignNotice(
        version=campaign.notice.version + 1 if campaign.notice else 1,
        slots=slots,
        is_research=is_research,
        made_at=now,
    )
    still_empty = notice_slots.empty(made)
    if notices.is_complete(campaign) and not campaign.is_draft:
        problems |= {slot.id: MUST_STAY for slot in still_empty}
    if problems:
        raise InvalidAnswers(problems)
    campaign.notices.append(made)
    audit.record(
        session,
        actor=actor,
        action="campaign.notices",
        subject=campaign,
        version=made.version,
        n_empty=len(still_empty),
    )
    session.commit()
    return still_empty
